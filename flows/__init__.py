"""When: the order of things. No rule lives here, and importing this package does not import Prefect."""
