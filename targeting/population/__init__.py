"""How a population is read, checked, made and published."""
