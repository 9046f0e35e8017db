"""The newest migration, so that a command can see at once that there is nothing to do."""

HEAD = "0002"
