"""What one may ask and do: a file per noun, a function per verb, the same below every door."""
