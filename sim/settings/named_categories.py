"""Where a scenario names categories of goods: they must be sold in its market."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.settings.events import Change, Emergency, SupplyShock
from sim.settings.market import MarketSettings

SUBSIDY = "policies.subsidy"
COMMISSIONS = "policies.fees.commissions"
COLD_CHAIN = "delivery.cold_chain_categories"

OF_RULES = ("perishable", "fresh", "seasonal")
"""Parameters of rules that name categories."""


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
    """Keys that name categories, and each name: of goods, subsidies, rules and events."""
    for name in settings.merchants.shelf_life_days:
        yield "merchants.shelf_life_days", name
    for name in settings.delivery.cold_chain_categories:
        yield COLD_CHAIN, name
    for rule, params in settings.policies.rules.items():
        for key in OF_RULES:
            for name in params.get(key, ()):
                yield f"policies.rules.{rule}.{key}", name
    subsidy = settings.policies.subsidy
    for name in getattr(subsidy, "categories", ()):
        yield f"{SUBSIDY}.categories", name
    for number, campaign in enumerate(getattr(subsidy, "campaigns", ())):
        for name in campaign.categories:
            yield f"{SUBSIDY}.campaigns.{number}.categories", name
    for name in getattr(settings.policies.fees, "commissions", ()):
        yield COMMISSIONS, name
    for number, event in enumerate(settings.events):
        if isinstance(event, Change):
            for name in (*_commissions(event), *_cold_chain(event)):
                yield f"events.{number}.value", name
        if isinstance(event, SupplyShock | Emergency) and event.category:
            yield f"events.{number}.category", event.category
        elif isinstance(event, Change) and event.key.startswith(SUBSIDY):
            for name in _of_change(event.key.removeprefix(SUBSIDY), event.value):
                yield f"events.{number}.value", name
        elif isinstance(event, Change) and f"{event.key}.".startswith("policies.rules."):
            for name in _named_for_rules(event.key, event.value):
                yield f"events.{number}.value", name


def _of_change(key: str, value: Any) -> Iterator[str]:
    """Categories that a change of the subsidy names: of it all, its campaigns, or one list."""
    if key.endswith(".categories"):
        yield from value
    elif isinstance(value, dict):
        yield from value.get("categories", ())
        for campaign in value.get("campaigns", ()):
            yield from campaign.get("categories", ())
    elif key == ".campaigns":
        for campaign in value:
            yield from campaign.get("categories", ())


def _named_for_rules(key: str, value: Any) -> Iterator[str]:
    """Names of categories in the new value of a rule's parameter, of a rule, or of all rules."""
    if key.rpartition(".")[2] in OF_RULES:
        yield from value
    elif isinstance(value, dict):
        for inner, one in value.items():
            yield from _named_for_rules(f"{key}.{inner}", one)


def _commissions(event: Change) -> tuple[str, ...]:
    """Categories that a change gives commissions of their own."""
    if event.key == COMMISSIONS:
        return tuple(event.value)
    if event.key == COMMISSIONS.rpartition(".")[0] and isinstance(event.value, dict):
        return tuple(event.value.get("commissions", ()))
    return ()


def _cold_chain(event: Change) -> tuple[str, ...]:
    """Categories that a change keeps cold."""
    if event.key == COLD_CHAIN:
        return tuple(event.value)
    if event.key == "delivery" and isinstance(event.value, dict):
        return tuple(event.value.get("cold_chain_categories", ()))
    return ()
