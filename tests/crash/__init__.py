"""Many processes at once, and processes that die."""
