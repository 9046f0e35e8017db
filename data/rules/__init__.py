"""Pure decisions: no clock, no file, no network, no randomness without a seed."""
