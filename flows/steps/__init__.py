"""The steps that flows, commands and the worker share; none of them knows Prefect (decisions 1)."""
