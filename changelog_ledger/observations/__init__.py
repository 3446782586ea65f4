"""What other programs' records say: package logs, journals, login tables, deliveries. Text or values in, what was seen out; reads nothing itself.

``packages`` and ``journal`` give :class:`~changelog_ledger.model.ingestion.Seen`; ``deliveries`` give lines of the import format, for a delivery
may be a change or a mark as well. ``sources`` reads the records, ``workflows`` join the two.
"""
