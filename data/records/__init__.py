"""The nouns kept in operations: one module each, plain functions whose first argument is a connection."""
