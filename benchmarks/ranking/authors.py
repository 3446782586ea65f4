"""Who wrote the texts of a case: two authors who had not read each other, nor the program's vocabulary.

A ranking that does well on the words of one and badly on those of the other has learnt an author and not the trade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.ranking import other_trades, trades
from benchmarks.ranking.trades import Trade


@dataclass(frozen=True, slots=True)
class Author:
    """The texts of one author.

    :ivar vague: complaints that name no trade.
    :ivar descriptions: of changes; they say nothing of the trade either.
    :ivar moves: titles of moves, of which an item may be forgotten: one of ``forgotten``, each of which is a trade's.
    """

    name: str
    trades: tuple[Trade, ...]
    vague: tuple[str, ...]
    descriptions: tuple[str, ...]
    moves: tuple[str, ...]
    forgotten: tuple[str, ...]

    def trades_for(self, role: str) -> list[Trade]:
        """What may be done on a host of a role; the role's own trades count three times."""
        return [trade for trade in self.trades for _ in range(3 if role in trade.roles else 1) if role in trade.roles or "any" in trade.roles]

    @property
    def items(self) -> tuple[str, ...]:
        """What stands on checklists."""
        return (*dict.fromkeys(trade.item for trade in self.trades if trade.item), "peer review", "rollback tried", "partners told")


FIRST = Author("first", trades.TRADES, trades.VAGUE, trades.DESCRIPTIONS, trades.MOVES, trades.FORGOTTEN)
SECOND = Author(
    "second",
    other_trades.OTHER_TRADES,
    other_trades.OTHER_VAGUE,
    other_trades.OTHER_DESCRIPTIONS,
    other_trades.OTHER_MOVES,
    other_trades.FORGOTTEN,
)
AUTHORS: Mapping[str, Author] = {author.name: author for author in (FIRST, SECOND)}
