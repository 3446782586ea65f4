"""The command ``ledger``: parse, call :class:`~changelog_ledger.ledger.Ledger`, render. One module a command group."""
