"""Which restarts are pending, and which no longer are: from the processes of this moment and what was recorded before."""
