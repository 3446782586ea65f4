"""What delivery, orchestration and alerting tools say, as lines of the import format: one small mapper a format."""
