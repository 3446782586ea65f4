"""Where package managers keep what they did, and what is installed."""
