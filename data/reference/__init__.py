"""Small tables of facts shipped with the product; ATTRIBUTION.md names their sources."""
