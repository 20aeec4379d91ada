"""A scenario: a market with a title, a length and a seed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Self

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from policies import registry
from policies.params import PolicyParams
from policies.protocols import BY_NAME
from scenarios.diagnosis import diagnose, dotted
from scenarios.errors import value_text
from scenarios.inputs import missing_inputs
from sim.settings.dotted import known_keys, replace
from sim.settings.events import Change, Event
from sim.settings.market import MarketSettings

FIXED = (
    "name",
    "title",
    "description",
    "days",
    "seed",
    "roads.network",
    "roads.coordinates",
    "roads.length_unit",
    "roads.rows",
    "roads.columns",
    "roads.spacing_m",
    "roads.speed_kph",
    "roads.attribution",
    "roads.traffic.trips",
    "roads.traffic.periods",
    "commerce",
    "events",
    "consumers.count",
    "consumers.response.friends",
    "consumers.response.rewiring",
    "consumers.response.community",
    "consumers.response.trust_initial",
    "consumers.multi_homing",
    "consumers.rival_home",
    "consumers.response.trust_prior",
    "consumers.ratings",
    "merchants.strategies",
    "merchants.strategies_by_size",
    "merchants.small_share",
    "merchants.large_share",
    "merchants.capital_days",
    "merchants.shelf_life_days",
    "merchants.unlimited_stock",
    "merchants.misconduct.counterfeit_share",
    "merchants.misconduct.fake_list_price_share",
    "merchants.misconduct.bait_share",
    "merchants.misconduct.bought_review_share",
    "merchants.misconduct.below_cost_share",
    "merchants.misconduct.war_chest",
    "couriers.count",
    "couriers.capacity",
    "couriers.speed_factor_sd",
    "couriers.vehicles",
    "couriers.carriers",
    "couriers.carrier_shares",
    "delivery.pickup",
    "delivery.addresses",
    "platform.capital",
    "health",
)
"""What is decided when the market is founded, so that no event can change it."""


STARTS_FROM = "starts_from"
"""Key of a validation context: the folder that a scenario's relative paths start from, or None."""

LOOKS_INSIDE = "looks_inside"
"""Key of a validation context, beside `STARTS_FROM`: whether files of streets are looked into."""


class Scenario(MarketSettings):
    """All that a run needs beside the code: it resolves to the same bytes wherever it runs."""

    name: str = Field("", max_length=60, description="short name; the file's, if empty")
    title: str = Field("", max_length=120, description="what reports call it")
    description: str = Field("", max_length=2000, description="what it shows, in a few sentences")
    days: int = Field(90, ge=1, le=3650, description="length of a run, days")
    seed: int = Field(1, ge=0, le=2**31 - 1, description="seed of all chance")

    @field_validator("name")
    @classmethod
    def _a_folder_can_have_the_name(cls, name: str) -> str:
        if name.startswith((".", "-")) or not all(sign.isprintable() for sign in name):
            raise ValueError("must begin with a letter or digit and have printable signs only")
        if {"/", "\\"} & set(name):
            raise ValueError("must hold no slash: runs are kept in a folder of this name")
        return name

    @field_validator("events")
    @classmethod
    def _events_end_after_they_begin(cls, events: tuple[Event, ...]) -> tuple[Event, ...]:
        _refuse(
            f"events.{number}.until = {event.until}: must be after its day, {event.day}"
            for number, event in enumerate(events)
            if event.until is not None and event.until <= event.day
        )
        return events

    def notes(self) -> tuple[str, ...]:
        """What is allowed, but may not be what was meant, a sentence each."""
        return tuple(
            f"events.{number}.day = {event.day}: after the last day of {self.days} days (day "
            f"{self.days - 1}), so that it never begins"
            for number, event in enumerate(self.events)
            if event.day >= self.days
        )

    @model_validator(mode="after")
    def _strategies_exist(self) -> Self:
        known = registry.names("merchant_pricing")
        by_size = self.merchants.strategies_by_size
        tables = {"merchants.strategies": self.merchants.strategies} | {
            f"merchants.strategies_by_size.{size}": table
            for size in type(by_size).model_fields
            if (table := getattr(by_size, size))
        }
        named = [(key, name) for key, table in tables.items() for name in table]
        named += [("policies.merchant_pricing", name) for name in self.policies.merchant_pricing]
        wrong = [
            f"{key}: unknown strategy {name!r}; known: {', '.join(known)}{_nearest(name, known)}"
            for key, name in named
            if name not in known
        ]
        for key, table in tables.items():
            wrong += _wrong_shares(key, table)
        wrong += _wrong_named_policies("merchant_pricing", self.policies.merchant_pricing, known)
        _refuse(wrong)
        return self

    @model_validator(mode="after")
    def _rules_exist(self) -> Self:
        known = registry.names("rule")
        wrong = [
            f"policies.rules.{name}: unknown rule; known: {', '.join(known)}{_nearest(name, known)}"
            for name in self.policies.rules
            if name not in known
        ]
        wrong += _wrong_named_policies("rule", self.policies.rules, known)
        _refuse(wrong)
        return self

    @model_validator(mode="after")
    def _changes_are_possible(self) -> Self:
        numbered = [(n, event) for n, event in enumerate(self.events) if isinstance(event, Change)]
        keys = known_keys(self)
        wrong: list[str] = []
        possible: list[tuple[int, Change]] = []
        for number, event in numbered:
            told = self._why_it_cannot_change(event.key, keys)
            if told:
                wrong.append(f"events.{number}.key = {event.key!r}: {told}")
            else:
                possible.append((number, event))
        wrong += self._changes_that_are_impossible(possible)
        _refuse(wrong)
        return self

    def _why_it_cannot_change(self, key: str, known: tuple[str, ...]) -> str:
        if is_fixed(key):
            return "is fixed when the market is founded"
        if key not in known and not key.startswith("policies."):
            return f"unknown key{_nearest(key, known)}"
        return ""

    def _changes_that_are_impossible(self, changes: list[tuple[int, Change]]) -> Iterator[str]:
        """Changes that do not fit the others that hold on the day on which one begins or ends."""
        days = {event.day for _, event in changes}
        days |= {event.until for _, event in changes if event.until is not None}
        blamed: set[int] = set()
        for day in sorted(days):
            held = [
                (n, event)
                for n, event in changes
                if event.day <= day and (event.until is None or day < event.until)
            ]
            while held:
                try:
                    replace(
                        self.model_copy(update={"events": ()}),
                        {event.key: event.value for _, event in held},
                    )
                    break
                except (KeyError, ValidationError) as error:
                    told = _told(error, self)
                number, event = _culprit(held, told)
                held.remove((number, event))
                if number not in blamed:
                    blamed.add(number)
                    yield _impossible(number, event, day, told, [other for _, other in changes])

    @model_validator(mode="after")
    def _inputs_are_there(self, info: ValidationInfo) -> Self:
        """With `STARTS_FROM` in the context: the streets and imports that a file names exist."""
        if info.context and STARTS_FROM in info.context:
            look = bool(info.context.get(LOOKS_INSIDE))
            _refuse(missing_inputs(self, info.context[STARTS_FROM], look_inside=look))
        return self


def is_fixed(key: str) -> bool:
    """Whether a dotted key is decided when the market is founded, so that nothing changes it."""
    return any(key == fixed or key.startswith(f"{fixed}.") for fixed in FIXED)


def _refuse(wrong: Iterable[str]) -> None:
    """Raise with all that is wrong, a line each, if anything is."""
    lines = list(wrong)
    if lines:
        raise ValueError("\n".join(lines))


def _wrong_shares(key: str, table: dict[str, float]) -> Iterator[str]:
    """What is wrong with the shares of merchants that use each strategy."""
    for name, share in table.items():
        if not 0.0 <= share <= 1.0:
            yield f"{key}.{name} = {share:g}: must be a share from 0 to 1"
    total = sum(table.values())
    if abs(total - 1.0) > 1e-6:
        yield f"{key}: the shares must sum to 1, not {total:g}"


def _wrong_named_policies(
    family: str, given: dict[str, dict[str, Any]], known: tuple[str, ...]
) -> Iterator[str]:
    """What is wrong with the parameters given for pricing strategies or rules, by their names."""
    for name in sorted(set(known) & given.keys()):
        model: type[PolicyParams] = registry.find(family, name).Params
        data = {**given[name], "name": name}
        try:
            model.model_validate(data)
        except ValidationError as error:
            levers = tuple(lever for lever in model.model_fields if lever != "name")
            for path, problem in diagnose(error, model, data):
                told = problem.message
                if len(path) == 1 and told.startswith("unknown key"):
                    hint = _nearest(str(path[0]), levers)
                    told = f"unknown key; known here: {', '.join(levers) or 'none'}{hint}"
                yield f"{dotted(('policies', BY_NAME[family], name, *path))}: {told}"


def _told(error: KeyError | ValidationError, scenario: Scenario) -> str:
    """What is wrong, in one line that begins with the dotted key."""
    if isinstance(error, KeyError):
        return f"{error.args[0]}: there is no such key"
    first = error.errors(include_url=False)[0]
    if first["type"] == "value_error":  # our own validators name the key themselves
        return str(first["ctx"]["error"])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        table, depth = key.rpartition(".")[0], len(first["loc"])
        known = {
            ".".join(one.split(".")[:depth])
            for one in known_keys(scenario)
            if one.startswith(f"{table}.")
        }
        return f"{key}: unknown key{_nearest(key, tuple(sorted(known)))}"
    if isinstance(first["input"], float) and not math.isfinite(first["input"]):
        return f"{key}: must be a finite number"
    return f"{key}: {first['msg'].replace('Input should ', 'must ', 1)}"


def _impossible(number: int, event: Change, day: int, told: str, changes: list[Change]) -> str:
    """What to tell of a change: that its key is unknown, or that its value is not allowed."""
    unknown, separator, hint = told.partition(": unknown key")
    family = ".".join(event.key.split(".")[:2])
    switched = any(other.key in (family, f"{family}.name") for other in changes)
    about_key = bool(separator) and f"{event.key}.".startswith(f"{unknown}.")
    if about_key and (not switched or unknown == family):
        return f"events.{number}.key = {event.key!r}: unknown key{hint}"
    return (
        f"events.{number}.value: {event.key} = {value_text(event.value)} is not possible on day "
        f"{day}: {told}"
    )


def _culprit(held: list[tuple[int, Change]], told: str) -> tuple[int, Change]:
    """The last change that touches the key which a message begins with, or else the last."""
    wrong = told.partition(":")[0]
    touching = [
        (n, event)
        for n, event in held
        if f"{wrong}.".startswith(f"{event.key}.") or f"{event.key}.".startswith(f"{wrong}.")
    ]
    return (touching or held)[-1]


def _nearest(key: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
