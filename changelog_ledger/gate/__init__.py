"""The gate's judgement, pure: whose configuration an edit alters, which change covers it, and why none does."""
