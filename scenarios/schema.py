"""A scenario: a market with a title, a length and a seed."""

from __future__ import annotations

from typing import Self

from pydantic import Field, ValidationError, field_validator, model_validator

from policies import registry
from policies.params import PolicyParams
from sim.settings.dotted import known_keys, replace
from sim.settings.events import Change, Event
from sim.settings.market import MarketSettings

FIXED = (
    "name",
    "title",
    "description",
    "days",
    "seed",
    "roads",
    "commerce",
    "events",
    "consumers.count",
    "consumers.response.friends",
    "consumers.response.rewiring",
    "consumers.response.community",
    "consumers.response.trust_initial",
    "merchants.strategies",
    "merchants.small_share",
    "merchants.large_share",
    "merchants.capital_days",
    "merchants.misconduct.counterfeit_share",
    "merchants.misconduct.fake_list_price_share",
    "merchants.misconduct.bait_share",
    "merchants.misconduct.bought_review_share",
    "merchants.misconduct.below_cost_share",
    "merchants.misconduct.war_chest",
    "couriers.count",
    "couriers.capacity",
    "couriers.speed_factor_sd",
    "delivery.pickup",
    "delivery.addresses",
    "platform.capital",
    "health",
)
"""What is decided when the market is founded, so that no event can change it."""


class Scenario(MarketSettings):
    """All that a run needs beside the code: it resolves to the same bytes wherever it runs."""

    name: str = Field("", max_length=60, description="short name; the file's, if empty")
    title: str = Field("", max_length=120, description="what reports call it")
    description: str = Field("", max_length=2000, description="what it shows, in a few sentences")
    days: int = Field(90, ge=1, le=3650, description="length of a run, days")
    seed: int = Field(1, ge=0, le=2**31 - 1, description="seed of all chance")

    @field_validator("events")
    @classmethod
    def _events_end_after_they_begin(cls, events: tuple[Event, ...]) -> tuple[Event, ...]:
        for number, event in enumerate(events):
            if event.until is not None and event.until <= event.day:
                raise ValueError(
                    f"events.{number}.until = {event.until}: must be after its day, {event.day}"
                )
        return events

    @model_validator(mode="after")
    def _strategies_exist(self) -> Self:
        known = registry.names("merchant_pricing")
        for name in (*self.merchants.strategies, *self.policies.merchant_pricing):
            if name not in known:
                raise ValueError(
                    f"merchants.strategies: unknown strategy {name!r}; known: {', '.join(known)}"
                )
        if abs(sum(self.merchants.strategies.values()) - 1.0) > 1e-6:
            total = sum(self.merchants.strategies.values())
            raise ValueError(f"merchants.strategies: the shares must sum to 1, not {total:g}")
        for name, params in self.policies.merchant_pricing.items():
            model: type[PolicyParams] = registry.find("merchant_pricing", name).Params
            try:
                model.model_validate({**params, "name": name})
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                levers = [lever for lever in model.model_fields if lever != "name"]
                told = (
                    f"unknown key; known here: {', '.join(levers) or 'none'}"
                    if first["type"] == "extra_forbidden"
                    else first["msg"]
                )
                key = ".".join(str(part) for part in first["loc"])
                raise ValueError(f"policies.merchant_pricing.{name}.{key}: {told}") from error
        return self

    @model_validator(mode="after")
    def _changes_are_possible(self) -> Self:
        for number, event in enumerate(self.events):
            if not isinstance(event, Change):
                continue
            where = f"events.{number}.key = {event.key!r}"
            if any(event.key == key or event.key.startswith(f"{key}.") for key in FIXED):
                raise ValueError(f"{where}: is fixed when the market is founded")
            keys = known_keys(self)
            if event.key not in keys and not event.key.startswith("policies."):
                raise ValueError(f"{where}: unknown key{_nearest(event.key, keys)}")
        self._changes_are_possible_together()
        return self

    def _changes_are_possible_together(self) -> None:
        """Settings are allowed on every day on which a change begins or ends."""
        numbered = [(n, event) for n, event in enumerate(self.events) if isinstance(event, Change)]
        days = {event.day for _, event in numbered}
        days |= {event.until for _, event in numbered if event.until is not None}
        for day in sorted(days):
            held = [
                (n, event)
                for n, event in numbered
                if event.day <= day and (event.until is None or day < event.until)
            ]
            try:
                replace(
                    self.model_copy(update={"events": ()}),
                    {event.key: event.value for _, event in held},
                )
            except (KeyError, ValidationError) as error:
                told = _told(error)
                number, event = _culprit(held, told)
                raise ValueError(
                    f"events.{number}.value: {event.key} = {event.value!r} is not possible on day "
                    f"{day}: {told}"
                ) from error


def _told(error: KeyError | ValidationError) -> str:
    """What is wrong, in one line that begins with the dotted key."""
    if isinstance(error, KeyError):
        return f"{error.args[0]}: there is no such key"
    first = error.errors(include_url=False)[0]
    if first["type"] == "value_error":  # our own validators name the key themselves
        return str(first["ctx"]["error"])
    told = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
    return f"{'.'.join(str(part) for part in first['loc'])}: {told}"


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
