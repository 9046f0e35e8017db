"""Pages that tell what became of what was sent."""
