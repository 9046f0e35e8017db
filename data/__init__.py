"""What we know: the rules, the stores they live in, the records people keep and the facts that accumulate."""
