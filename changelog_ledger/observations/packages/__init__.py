"""Package managers: one observation a transaction."""
