"""What may be asked of gateways and done with them, a file a noun, over the floor of `data.use_cases`."""
