"""Running processes: what they map, since when, and whose they are."""
