"""Where a scenario names categories of goods: they must be sold in its market."""

from __future__ import annotations

from collections.abc import Iterator

from sim.settings.events import Change, Emergency, SupplyShock
from sim.settings.market import MarketSettings

SUBSIDY = "policies.subsidy"
COMMISSIONS = "policies.fees.commissions"


def unknown_categories(settings: MarketSettings, known: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the categories that a scenario names, each beginning with its key.

    Args:
        settings: the scenario.
        known: names of the market's categories.
    """
    for key, name in _named(settings):
        if name not in known:
            must = f"must be one of {', '.join(known)}"
            yield f"{key} = {name!r}: no category {name!r} is sold; {must}"


def _named(settings: MarketSettings) -> Iterator[tuple[str, str]]:
    """Keys that name categories, and each name: of shocks, emergencies, subsidies, commissions."""
    for name in getattr(settings.policies.subsidy, "categories", ()):
        yield f"{SUBSIDY}.categories", name
    for name in getattr(settings.policies.fees, "commissions", ()):
        yield COMMISSIONS, name
    for number, event in enumerate(settings.events):
        if isinstance(event, Change):
            for name in _commissions(event):
                yield f"events.{number}.value", name
        if isinstance(event, SupplyShock | Emergency) and event.category:
            yield f"events.{number}.category", event.category
        elif isinstance(event, Change) and event.key in {SUBSIDY, f"{SUBSIDY}.categories"}:
            value = event.value
            for name in value.get("categories", ()) if isinstance(value, dict) else value:
                yield f"events.{number}.value", name


def _commissions(event: Change) -> tuple[str, ...]:
    """Categories that a change gives commissions of their own."""
    if event.key == COMMISSIONS:
        return tuple(event.value)
    if event.key == COMMISSIONS.rpartition(".")[0] and isinstance(event.value, dict):
        return tuple(event.value.get("commissions", ()))
    return ()
