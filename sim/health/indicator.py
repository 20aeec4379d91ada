"""What an indicator is: a number a day, with its formula, unit, direction and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.settings.health import DIMENSIONS

if TYPE_CHECKING:
    from sim.market import Marketplace

Direction = Literal["higher", "lower", "none"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measure of the market's health."""

    name: str
    dimension: str  # one of DIMENSIONS
    unit: str
    better: Direction
    formula: str
    source: str
    measure: Callable[[Marketplace], float]  # nan where there is nothing to measure
    sampled: bool = False  # measured every `health.sample_every_days`, carried forward between

    def __post_init__(self) -> None:
        if self.dimension not in DIMENSIONS:
            raise ValueError(
                f"{self.name}: dimension {self.dimension!r} must be one of {', '.join(DIMENSIONS)}"
            )

    @property
    def sentence(self) -> str:
        """What it tells, in one sentence: the first line of what measures it."""
        return (self.measure.__doc__ or "").partition("\n")[0]
