"""Facts, their hash chain, and the projections that questions are answered from. The only user of SQLModel."""
