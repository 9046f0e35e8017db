"""Out and in: everything that speaks to another company's computer."""
