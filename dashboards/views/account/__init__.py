"""Pages of the account: who signs in for it."""
