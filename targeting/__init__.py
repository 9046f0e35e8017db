"""Who gets the message: criteria, audiences, exact counts, slices, imported numbers, quotes."""
