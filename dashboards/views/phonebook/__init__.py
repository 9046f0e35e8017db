"""Pages of the phone book: people, and who must not be written to."""
