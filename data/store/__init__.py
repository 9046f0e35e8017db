"""How the stores are opened: operations, population, lake, spool."""
