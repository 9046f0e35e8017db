"""The page everybody meets first."""
