"""What the ledger costs beside what people use today: ratios of one run, never absolute promises. ``python -m benchmarks --help``."""
