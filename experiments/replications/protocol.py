"""What a replication is: a class with a name, a scenario that ships, and one method that measures.

    class Urn:
        name = "urn"
        title = "Sales concentrate on one product"
        scenario = "urn"  # a file of scenarios/shipped
        source = "Fleder & Hosanagar (2009), Management Science 55(5)"
        method = ("One paragraph in plain words.", "Another.")
        replications = 50  # 0: nothing is left to chance

        def measure(self, study: Study, tell: Tell) -> Outcome:
            market = study.market("policies.recommendation.name='popularity'")
            ...
            return Outcome(rows=(Row.close(...),), charts=(Chart(...),))

It is registered in `experiments.replications.register`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
import pandas as pd

from experiments.replications.study import Study, Tell
from experiments.reporting.charts import Chart


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity: what theory or a paper says, what we measured, and how far apart they may be.

    It is reproduced if our value lies in `[low, high]`.
    """

    quantity: str  # in words
    published: str  # the published or exact value, or what was found, as the table shows it
    source: str  # of that value
    ours: float
    low: float  # least value that counts as reproduced
    high: float  # largest one
    tolerance: str  # how far off it may be, as the table shows it
    error: float = 0.0  # standard error of `ours`; 0: exact
    settings: tuple[str, ...] = ()  # `KEY=VALUE` on top of the scenario, for this row

    @classmethod
    def close(
        cls,
        quantity: str,
        published: float,
        ours: float,
        tolerance: float,
        *,
        source: str,
        error: float = 0.0,
        settings: Sequence[str] = (),
        digits: int | None = None,
    ) -> Row:
        """A value that must be met within a tolerance, in the value's own unit.

        Args:
            quantity: in words.
            published: the published or exact value.
            ours: what was measured.
            tolerance: largest difference that counts as reproduced, > 0.
            source: of the published value.
            error: standard error of `ours`.
            settings: `KEY=VALUE` on top of the scenario.
            digits: decimals to show; absent: one more than the tolerance has.
        """
        places = _decimals(tolerance) if digits is None else digits
        low, high = published - tolerance, published + tolerance
        shown = f"{published:.{places}f}"
        allowed = f"± {tolerance:g}"
        return cls(quantity, shown, source, ours, low, high, allowed, error, tuple(settings))

    @classmethod
    def between(
        cls,
        quantity: str,
        published: str,
        ours: float,
        low: float,
        high: float,
        *,
        source: str,
        error: float = 0.0,
        settings: Sequence[str] = (),
    ) -> Row:
        """A value that must lie in `[low, high]`; an infinite end is no bound.

        Args:
            quantity: in words.
            published: what was published, in words or figures.
            ours: what was measured.
            low: least value that counts as reproduced.
            high: largest one.
            source: of the published value.
            error: standard error of `ours`.
            settings: `KEY=VALUE` on top of the scenario.
        """
        if math.isinf(high):
            allowed = f"at least {low:g}"
        elif math.isinf(low):
            allowed = f"at most {high:g}"
        else:
            allowed = f"{low:g} to {high:g}"
        return cls(quantity, published, source, ours, low, high, allowed, error, tuple(settings))

    @classmethod
    def above_zero(
        cls,
        quantity: str,
        published: str,
        ours: float,
        *,
        source: str,
        error: float = 0.0,
        settings: Sequence[str] = (),
    ) -> Row:
        """A difference whose sign was published: an order of two values.

        Args:
            quantity: in words, the larger one first.
            published: what was found, in words.
            ours: the difference that was measured.
            source: of the finding.
            error: standard error of `ours`.
            settings: `KEY=VALUE` on top of the scenario.
        """
        low = float(np.nextafter(0.0, 1.0))
        return cls(
            quantity, published, source, ours, low, math.inf, "above 0", error, tuple(settings)
        )

    @property
    def reproduced(self) -> bool:
        """Whether our value lies where it must."""
        return bool(self.low <= self.ours <= self.high)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replication measured."""

    rows: tuple[Row, ...]  # the table
    charts: tuple[Chart, ...]  # the figure, in one part or more
    data: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """What the figure and the table are drawn from, by the name of the CSV file it goes to."""

    @property
    def reproduced(self) -> bool:
        """Whether all of it was."""
        return all(row.reproduced for row in self.rows)


class Replication(Protocol):
    """One result that the market must give again."""

    name: ClassVar[str]  # as on the command line
    title: ClassVar[str]  # what is claimed
    scenario: ClassVar[str]  # name of the scenario that ships
    source: ClassVar[str]  # where the result comes from
    method: ClassVar[tuple[str, ...]]  # paragraphs in plain words
    replications: ClassVar[int]  # how often by default; 0: nothing is left to chance

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Run the markets and measure; `tell` is told how far it is."""


def _decimals(tolerance: float) -> int:
    """Decimals that show a difference of a tenth of the tolerance."""
    return max(0, math.ceil(-math.log10(tolerance)) + 1)
