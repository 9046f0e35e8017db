"""Pages that send, by how recipients are chosen."""
