"""changelog-ledger: what changed since it last worked?"""
