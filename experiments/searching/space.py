"""The space of a search: the levers of a study as Optuna's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.studies.dotted_changes import shape_at, value_of
from experiments.studies.loading import LoadedStudy
from experiments.studies.schema import LevelValue, Lever
from scenarios.schema import Scenario
from scenarios.shape import Value

if TYPE_CHECKING:
    from optuna.trial import Trial as OptunaTrial


@dataclass(frozen=True, slots=True)
class Dimension:
    """One lever: levels, of which numbers are in order, or a range."""

    lever: Lever
    whole: bool  # a range of whole numbers
    base: Any  # the value that others are compared with; it need not be among those searched

    @property
    def ordered(self) -> tuple[LevelValue, ...]:
        """Levels as the search numbers them; numbers ascend."""
        levels = self.lever.levels or ()
        numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in levels)
        return tuple(sorted(levels, key=_number)) if numbers else levels

    @property
    def is_categorical(self) -> bool:
        """Whether levels have no order."""
        levels = self.lever.levels
        return levels is not None and not all(
            isinstance(one, (int, float)) and not isinstance(one, bool) for one in levels
        )

    def suggest(self, trial: OptunaTrial) -> LevelValue:
        """A value that a trial is to have."""
        key, log = self.lever.key, self.lever.scale == "log"
        if self.lever.levels is not None:
            count = len(self.ordered)
            if self.is_categorical:
                return self.ordered[int(trial.suggest_categorical(key, [*range(count)]))]
            return self.ordered[int(trial.suggest_int(key, 0, count - 1))]
        low, high = float(self.lever.low or 0.0), float(self.lever.high or 0.0)
        if self.whole:
            whole: int = trial.suggest_int(key, int(low), int(high), log=log)
            return whole
        value = trial.suggest_float(key, low, high, log=log)
        return min(max(float(f"{value:.12g}"), low), high)

    def parameter(self, value: Any) -> Any:
        """What Optuna calls a value; None where the search has no such value."""
        if self.lever.levels is not None:
            return self.ordered.index(value) if value in self.ordered else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        inside = float(self.lever.low or 0.0) <= value <= float(self.lever.high or 0.0)
        return value if inside else None


@dataclass(frozen=True, slots=True)
class Space:
    """All levers of a search."""

    dimensions: tuple[Dimension, ...]

    def suggest(self, trial: OptunaTrial) -> dict[str, LevelValue]:
        """A setting that a trial is to have, by key of a lever."""
        return {one.lever.key: one.suggest(trial) for one in self.dimensions}

    @property
    def base(self) -> dict[str, Any]:
        """The setting that others are compared with."""
        return {one.lever.key: one.base for one in self.dimensions}

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Optuna's parameters of a setting; None where it lies outside the space."""
        found = {one.lever.key: one.parameter(values[one.lever.key]) for one in self.dimensions}
        return None if None in found.values() else found


def space_of(loaded: LoadedStudy) -> Space:
    """The space of a study's levers; uncertainties stay as the scenario has them."""
    return Space(
        tuple(
            Dimension(
                lever,
                lever.levels is None and _is_whole(loaded.base, lever.key),
                value_of(loaded.base, lever.key) if lever.base is None else lever.base,
            )
            for lever in loaded.study.levers
        )
    )


def _is_whole(base: Scenario, key: str) -> bool:
    shape = shape_at(base, key)
    return isinstance(shape, Value) and set(shape.types) == {int}


def labels_of(levers: Sequence[Lever]) -> dict[str, str]:
    """What tables call levers, by key."""
    from experiments.studies.points import short_labels

    return dict(zip((one.key for one in levers), short_labels(levers), strict=True))


def _number(value: LevelValue) -> float:
    return float(value)
