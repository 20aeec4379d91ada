"""What happened, in plain words with numbers: the first thing that a report says."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from scenarios.schema import Scenario
from sim.health import INDICATORS, IndexResult, composite_index

WEEK = 7


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator in the first and in the last week of a run (or halves of a shorter one)."""

    first: float
    last: float

    @property
    def difference(self) -> float:
        """Last less first."""
        return self.last - self.first


def span(days: int) -> int:
    """Days of the "first week" and the "last week": a week, or half of a short run."""
    return max(1, min(WEEK, days // 2))


def change(indicators: pd.DataFrame, name: str) -> Change:
    """Means of an indicator over the first and the last week; nan where there is no value."""
    days = span(len(indicators))
    column = indicators[name]
    return Change(float(column.head(days).mean()), float(column.tail(days).mean()))


def index_of(indicators: pd.DataFrame, scenario: Scenario) -> IndexResult:
    """The composite index of a run, from each indicator's mean over the whole run."""
    means = {str(name): float(value) for name, value in indicators.mean().items()}
    return composite_index(means, scenario.health.index)


def headline(indicators: pd.DataFrame, scenario: Scenario) -> list[str]:
    """What happened to consumers, merchants, couriers, platform and treasury.

    Args:
        indicators: (days, indicators).
        scenario: the run's scenario.

    Returns:
        Plain sentences, one or two a group.
    """
    sentences = [
        _consumers(indicators),
        _merchants(indicators),
        _couriers(indicators, scenario),
        _platform(indicators),
        _treasury(indicators),
    ]
    result = index_of(indicators, scenario)
    if math.isfinite(result.value):
        weakest = min(result.dimensions, key=lambda name: result.dimensions[name])
        strongest = max(result.dimensions, key=lambda name: result.dimensions[name])
        sentences.append(
            f"Health index: {result.value:.2f} of 1; strongest in {strongest} "
            f"({result.dimensions[strongest]:.2f}), weakest in {weakest} "
            f"({result.dimensions[weakest]:.2f})."
        )
    return sentences


def _consumers(indicators: pd.DataFrame) -> str:
    surplus, trust = change(indicators, "surplus_per_visit"), change(indicators, "trust")
    active = float(indicators["active_share"].iloc[-1])
    return (
        f"Consumers: a visit was worth {_money(surplus.first)} more than shopping elsewhere in the "
        f"first week and {_money(surplus.last)} in the last; trust {_went(trust, 2)}; "
        f"{active:.0%} of consumers still use the platform."
    )


def _merchants(indicators: pd.DataFrame) -> str:
    survival = float(indicators["small_merchant_survival"].iloc[-1])
    hhi, margin = change(indicators, "hhi"), change(indicators, "margin")
    open_ = int(indicators["open_merchants"].iloc[-1])
    exits, entries = int(indicators["exits"].sum()), int(indicators["entries"].sum())
    small = "" if math.isnan(survival) else f"; {survival:.0%} of the first small shops survive"
    profit = (
        "" if math.isnan(margin.last) else f"; margins after fixed costs end at {margin.last:.0%}"
    )
    concentration = "" if math.isnan(hhi.last) else f"; concentration (HHI) {_went(hhi, 0)}"
    return (
        f"Merchants: {open_:,} are open at the end ({exits} gave up, {entries} entered)"
        f"{small}{profit}{concentration}."
    )


def _couriers(indicators: pd.DataFrame, scenario: Scenario) -> str:
    on_time = change(indicators, "on_time_share")
    punctual = f"{_percent(on_time.first)} of orders came on time in the first week, "
    punctual += f"{_percent(on_time.last)} in the last"
    if scenario.couriers.count == 0:
        return f"Delivery: parcels went by post; {punctual}."
    pay, door = change(indicators, "courier_earnings"), change(indicators, "click_to_door")
    return (
        f"Couriers: {punctual}; an order took {door.last:.0f} minutes to the door; couriers earned "
        f"{_money(pay.last)} an hour."
    )


def _platform(indicators: pd.DataFrame) -> str:
    total = float(indicators["profit"].sum())
    spent, gmv = float(indicators["subsidy_spend"].sum()), float(indicators["gmv"].sum())
    result = "earned" if total >= 0 else "lost"
    rival = change(indicators, "rival_share")
    subsidy = f", having spent {_money(spent)} on subsidies" if spent > 0 else ""
    competition = (
        ""
        if math.isnan(rival.last)
        else (f"; the rival took {_percent(rival.last)} of purchases in the last week")
    )
    return (
        f"Platform: it sold goods for {_money(gmv)} and {result} {_money(abs(total))}{subsidy}"
        f"{competition}."
    )


def _treasury(indicators: pd.DataFrame) -> str:
    fines = float(indicators["fines"].sum())
    if fines == 0:
        return "Treasury: no fines were paid."
    return f"Treasury: it took {_money(fines)} in fines."


def _went(change_: Change, digits: int) -> str:
    first, last = f"{change_.first:,.{digits}f}", f"{change_.last:,.{digits}f}"
    if math.isnan(change_.first) or math.isnan(change_.last):
        return "could not be measured"
    if first == last:
        return f"stayed at {last}"
    verb = "rose" if change_.last > change_.first else "fell"
    return f"{verb} from {first} to {last}"


def _money(amount: float) -> str:
    """An amount in currency units, as short as a reader wants it."""
    if math.isnan(amount):
        return "an unknown amount"
    if abs(amount) >= 1e6:
        return f"{amount / 1e6:,.2f} million"
    if abs(amount) >= 1000:
        return f"{amount:,.0f}"
    return f"{amount:,.2f}"


def _percent(share: float) -> str:
    return "none measured" if math.isnan(share) else f"{share:.0%}"


def indicator_rows(indicators: pd.DataFrame) -> list[dict[str, str]]:
    """A table's rows: every indicator with its unit, first and last week and mean."""
    rows = []
    for indicator in INDICATORS:
        ends = change(indicators, indicator.name)
        mean = float(indicators[indicator.name].mean())
        rows.append(
            {
                "name": indicator.name.replace("_", " "),
                "dimension": indicator.dimension,
                "unit": indicator.unit,
                "better": indicator.better,
                "first": number(ends.first),
                "last": number(ends.last),
                "mean": number(mean),
                "formula": indicator.formula,
                "source": indicator.source,
            }
        )
    return rows


def number(value: float) -> str:
    """A number with the digits that matter; a dash where there is none."""
    if math.isnan(value):
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.3f}"
