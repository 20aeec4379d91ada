"""A scenario's dated events: when they hold, and what the market was like before and during them.

Events that hold on the same days cannot be told apart, and stand together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from scenarios.schema import Scenario
from sim.settings.events import Change, DataBreach, Event

BEFORE = 14
"""Days before an event, and of it, that are compared."""

APART = 3
"""Days that must lie between an event and another one, to be compared without it."""

CLEAR = 0.05
"""Relative change from which on a change is worth a word."""

TOLD = 3
"""Changes that the first words name."""


@dataclass(frozen=True, slots=True)
class Intervention:
    """Events that begin and end on the same days."""

    mark: str  # letter by which charts name it
    label: str
    first: int  # first day on which it holds
    last: int  # last day of the run on which it holds

    @property
    def days(self) -> str:
        """When it holds, in words."""
        return f"day {self.first}" if self.first == self.last else f"days {self.first}–{self.last}"


@dataclass(frozen=True, slots=True)
class Shift:
    """Means of an indicator in the days before an intervention and in its first days."""

    name: str
    before: float
    during: float

    @property
    def size(self) -> float:
        """Change over the larger of the two, in [0, 2]."""
        scale = max(abs(self.before), abs(self.during))
        return abs(self.during - self.before) / scale if scale > 0 else 0.0


def interventions(scenario: Scenario, days: int) -> list[Intervention]:
    """What the scenario dates, in the order of the days.

    Args:
        scenario: the run's scenario.
        days: days that were lived.
    """
    dated = sorted(
        (
            (event.day, min(days, days if event.until is None else event.until) - 1, number)
            for number, event in enumerate(scenario.events)
            if event.day < days
        ),
    )
    found = []
    for place, ((first, last), group) in enumerate(groupby(dated, key=lambda one: one[:2])):
        events = [scenario.events[number] for _, _, number in group]
        if all(isinstance(event, DataBreach) for event in events):
            last = first  # it happens, and is over
        label = ", ".join(_words(event) for event in events)
        found.append(Intervention(_letter(place), label, first, last))
    return found


def compared_days(what: Intervention, marked: Sequence[Intervention]) -> tuple[range, range]:
    """The days before an intervention and of it that are compared.

    At most two weeks each, in which no other intervention begins or ends, unless it does so within
    a few days of the beginning, where too little would be left.

    Args:
        what: the intervention.
        marked: all of the run.
    """
    turns = {day for other in marked if other != what for day in (other.first, other.last + 1)}
    start = max({0, what.first - BEFORE, *(day for day in turns if day <= what.first - APART)})
    after = {day for day in turns if day >= what.first + APART}
    end = min({what.last + 1, what.first + BEFORE, *after})
    return range(start, what.first), range(what.first, end)


def shifts(
    indicators: pd.DataFrame,
    what: Intervention,
    names: list[str],
    marked: Sequence[Intervention] = (),
) -> list[Shift]:
    """How indicators differ between before and during; empty where there is no before.

    Args:
        indicators: (days, indicators), index: day.
        what: the intervention.
        names: indicators to look at; those without a value before or during are left out.
        marked: all interventions of the run, so that none is taken for another.
    """
    before_days, during_days = compared_days(what, marked)
    before, during = (
        indicators[indicators.index.isin(list(days))] for days in (before_days, during_days)
    )
    if before.empty or during.empty:
        return []
    return [
        Shift(name, float(before[name].mean()), float(during[name].mean()))
        for name in names
        if before[name].notna().any() and during[name].notna().any()
    ]


def largest(found: list[Shift]) -> list[Shift]:
    """The shifts worth a word, the largest first."""
    clear = [shift for shift in found if shift.size >= CLEAR]
    return sorted(clear, key=lambda shift: -shift.size)[:TOLD]


def _words(event: Event) -> str:
    """An event's own label, or what it does."""
    if event.label or not isinstance(event, Change):
        return event.label or event.kind.replace("_", " ")
    value = event.value.get("name", event.value) if isinstance(event.value, dict) else event.value
    return f"{event.key} = {value}"


def _letter(place: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    text = ""
    place += 1
    while place > 0:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
