"""What merchants are up to, as columns: their strategies, their honesty, whom they fear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray

HONEST: frozenset[str] = frozenset()


class Conduct:
    """The conduct of M merchants, by row.

    What does not change from day to day is kept by name as the set of rows that it holds for.
    """

    def __init__(self) -> None:
        """Nobody has opened yet."""
        self.strategy: list[str] = []
        self.misconduct: list[frozenset[str]] = []  # all kinds, those of the strategy included
        self.by_strategy: list[frozenset[str]] = []  # kinds that the strategy does by itself
        self._war_chest: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        self._deterred_until: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        self._known: dict[tuple[str, str], BoolArray] = {}

    def __len__(self) -> int:
        """Number of merchants."""
        return len(self.strategy)

    def enter(
        self,
        strategy: str,
        misconduct: frozenset[str] = HONEST,
        by_strategy: frozenset[str] = HONEST,
    ) -> int:
        """Another merchant opens; its row.

        Args:
            strategy: its pricing strategy.
            misconduct: kinds that it does.
            by_strategy: of these, kinds that its strategy does when it sets prices.
        """
        row = len(self)
        self.strategy.append(strategy)
        self.misconduct.append(misconduct)
        self.by_strategy.append(by_strategy)
        if row == len(self._war_chest):
            self._war_chest = np.pad(self._war_chest, (0, row))
            self._deterred_until = np.pad(self._deterred_until, (0, row))
        return row

    @property
    def war_chest(self) -> NDArray[np.int64]:
        """(M,) cents that each may still lose by selling below cost: a view, to be written to."""
        return self._war_chest[: len(self)]

    @property
    def deterred_until(self) -> NDArray[np.int64]:
        """(M,) first day on which each dares to cheat again: a view, to be written to."""
        return self._deterred_until[: len(self)]

    def uses(self, strategy: str) -> BoolArray:
        """(M,) whose strategy it is."""
        return self._that_hold("strategy", strategy, strategy.__eq__)

    def of_kind(self, kind: str) -> BoolArray:
        """(M,) who does one kind of misconduct, by strategy or beside it, if it dares to."""
        return self._that_hold("misconduct", kind, lambda kinds: kind in kinds)

    def is_deterred(self, day: int) -> BoolArray:
        """(M,) who keeps to the rules on a day, for fear of sanctions."""
        deterred: BoolArray = day < self.deterred_until
        return deterred

    def does(self, kind: str, day: int) -> BoolArray:
        """(M,) who does one kind of misconduct on a day, by strategy or beside it."""
        return self.of_kind(kind) & ~self.is_deterred(day)

    def cheats(self, kind: str, day: int) -> BoolArray:
        """(M,) who does one kind of misconduct on a day, beside what the strategy does itself."""
        itself = self._that_hold("by_strategy", kind, lambda kinds: kind in kinds)
        return self.does(kind, day) & ~itself

    def change_misconduct(self, row: int, misconduct: frozenset[str]) -> None:
        """A merchant turns to other kinds of misconduct, or to none."""
        self.misconduct[row] = misconduct
        self._known.clear()

    def _that_hold(self, column: str, what: str, holds: Callable[[Any], bool]) -> BoolArray:
        """(M,) for whom something holds; worked out once for each merchant."""
        known = self._known.get((column, what), np.zeros(0, dtype=np.bool_))
        new = getattr(self, column)[len(known) :]
        if new:
            known = np.append(known, np.array([holds(one) for one in new], dtype=np.bool_))
            self._known[column, what] = known
        return known


class Character:
    """One merchant's row of the conduct of all."""

    _conduct: Conduct
    row: int

    @classmethod
    def of(cls, conduct: Conduct, row: int) -> Character:
        """The character of a merchant by itself.

        Args:
            conduct: of all merchants.
            row: the merchant's.
        """
        one = cls()
        one._conduct, one.row = conduct, row
        return one

    @property
    def strategy(self) -> str:
        """Its pricing strategy."""
        return self._conduct.strategy[self.row]

    @property
    def misconduct(self) -> frozenset[str]:
        """The kinds of misconduct that it does, those of its strategy included."""
        return self._conduct.misconduct[self.row]

    @misconduct.setter
    def misconduct(self, kinds: frozenset[str]) -> None:
        self._conduct.change_misconduct(self.row, kinds)

    @property
    def war_chest(self) -> int:
        """Cents that it may still lose by selling below cost."""
        return int(self._conduct.war_chest[self.row])

    @war_chest.setter
    def war_chest(self, cents: int) -> None:
        self._conduct.war_chest[self.row] = cents

    @property
    def deterred_until(self) -> int:
        """First day on which it dares to cheat again."""
        return int(self._conduct.deterred_until[self.row])

    @deterred_until.setter
    def deterred_until(self, day: int) -> None:
        self._conduct.deterred_until[self.row] = day
