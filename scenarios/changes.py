"""A scenario that goes another way from a day on: `--set KEY=VALUE` as events of that day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scenarios.errors import Problem, ScenarioError
from scenarios.loading import checked, override
from scenarios.overrides import Override
from scenarios.schema import Scenario, is_fixed
from sim.settings.dotted import get, plain, replace
from sim.settings.events import Change

LENGTH = "days"
"""The one field that is fixed when a market is founded and that a branch may change."""


def changed_from(scenario: Scenario, day: int, overrides: Sequence[str]) -> Scenario:
    """The scenario with some settings changed from a day on, to the end.

    Each becomes an event of the kind "change", behind the scenario's own events, so that it goes
    before theirs where both change a field; another length is set as such.

    Args:
        scenario: a resolved one.
        day: on which the changes begin.
        overrides: `KEY=VALUE` each, for what holds on that day.

    Returns:
        A scenario whose run is the same up to that day.

    Raises:
        ScenarioError: if a key is unknown or fixed, a value not allowed, or the run over by then.
    """
    parsed = _parsed(overrides)
    lengths = [one.text for one in parsed if one.parts == (LENGTH,)]
    longer = override(scenario, lengths)
    if day >= longer.days:
        raise ScenarioError(
            [Problem("", f"day {day}: the run ends after day {longer.days - 1}; set days as well")]
        )
    changes = [one for one in parsed if one.parts != (LENGTH,)]
    if not changes:
        return scenario.model_copy(update={"days": longer.days})
    after = override(_in_force(scenario, day), [one.text for one in changes])
    tree = plain(scenario)
    tree["events"] += [
        {"kind": "change", "day": day, "key": _key(one), "value": _value(one, after)}
        for one in sorted(changes, key=_chooses_a_policy, reverse=True)
    ]
    whole = checked({**tree, LENGTH: longer.days}, Scenario)
    # The parts that stay are the same objects: policies compare their settings with them.
    return scenario.model_copy(update={"events": whole.events, LENGTH: longer.days})


def _parsed(overrides: Sequence[str]) -> list[Override]:
    found: list[Override] = []
    problems: list[Problem] = []
    for text in overrides:
        one = Override.parse(text)
        if isinstance(one, Problem):
            problems.append(one)
        elif is_fixed(_key(one)) and one.parts != (LENGTH,):
            told = "is fixed when the market is founded, so that no branch can change it"
            problems.append(Problem("", told, key=_key(one), override=text))
        else:
            found.append(one)
    if problems:
        raise ScenarioError(problems)
    return found


def _in_force(scenario: Scenario, day: int) -> Scenario:
    """The scenario as its own events have changed it on a day."""
    changes = {
        event.key: event.value
        for event in scenario.events
        if isinstance(event, Change)
        and event.day <= day
        and (event.until is None or day < event.until)
    }
    return replace(scenario.model_copy(update={"events": ()}), changes)


def _key(one: Override) -> str:
    return ".".join(one.parts)


def _chooses_a_policy(one: Override) -> bool:
    """Whether it says which policy stands at a place; others set what that one begins with."""
    return one.parts[0] == "policies" and (len(one.parts) == 2 or one.parts[-1] == "name")


def _value(one: Override, after: Scenario) -> Any:
    """The value as TOML has it; a text where only a text is allowed."""
    value, allowed = one.value(None), get(after, _key(one))
    return one.raw if isinstance(allowed, str) and not isinstance(value, str) else value
