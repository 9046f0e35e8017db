"""A gateway of our own: an HTTP server that speaks the contract of docs/gateways.md and can misbehave."""
