"""From a form or file to a stored campaign: count, quote, check, place; for every door."""
