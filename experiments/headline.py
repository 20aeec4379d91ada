"""What happened, in plain words with numbers: the first thing that a report says."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from experiments.interventions import interventions, largest, shifts
from experiments.numerals import measured, money, percent, rate
from scenarios.schema import Scenario
from sim.health import INDICATORS, IndexResult, composite_index, find

WEEK = 7

KEY_INDICATORS = {
    "surplus_per_visit": "What a visit is worth to a consumer",
    "market_surplus_per_visit": "What it is worth on both platforms together",
    "trust": "Trust in the platform",
    "price_index": "Prices against the first day",
    "orders": "Orders",
    "subsidy_share": "Subsidies",
    "rival_share": "The rival's part of purchases",
    "open_merchants": "Shops in business",
    "small_merchant_survival": "Small shops of the first day that survive",
    "small_merchant_sales": "Small shops' part of sales",
    "hhi": "Concentration of sales on few shops",
    "complaint_rate": "Complaints",
    "counterfeit_share": "Counterfeits bought",
    "sold_below_cost": "Sold below cost",
    "on_time_share": "Orders on time",
    "click_to_door": "From order to door",
    "courier_earnings": "Couriers' earnings",
    "profit": "The platform's profit",
    "rival_profit": "The rival's profit",
}
"""Indicators that a report draws and tells first, with what it calls them."""

UNITS = " currency units"
"""Behind amounts of money, where nothing else says what they are."""

HIGHLY_CONCENTRATED = 1800
"""HHI above which the US Merger Guidelines (2023) call a market highly concentrated."""


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator in the first and in the last week of a run (or halves of a shorter one)."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one side of the market, or what an intervention went with."""

    who: str
    what: str


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
    """What happened, a line for each side of the market and each intervention.

    Args:
        indicators: (days, indicators).
        scenario: the run's scenario.
    """
    return [f"{answer.who}: {answer.what}" for answer in answers(indicators, scenario)]


def answers(indicators: pd.DataFrame, scenario: Scenario) -> list[Answer]:
    """What happened to consumers, merchants, couriers, platform and treasury.

    Args:
        indicators: (days, indicators).
        scenario: the run's scenario.

    Returns:
        One answer a side, one an intervention, and one for the index.
    """
    told = [
        Answer("Consumers", _consumers(indicators)),
        Answer("Merchants", _merchants(indicators)),
        Answer("Couriers", _couriers(indicators, scenario)),
        Answer("Platform", _platform(indicators)),
        Answer("Treasury", _treasury(indicators)),
        *_interventions(indicators, scenario),
    ]
    result = index_of(indicators, scenario)
    if math.isfinite(result.value):
        told.append(Answer("Health index", _index(result)))
    return told


def period(days: int) -> str:
    """What "from ... to ..." compares in a run of so many days, in a sentence."""
    if days == 1:
        return "All numbers are of the run's one day."
    each = span(days)
    which = {1: "day", WEEK: "week"}.get(each, f"{each} days")
    return f"“From … to …” compares the first {which} of the run with the last {which}."


def _consumers(indicators: pd.DataFrame) -> str:
    active = float(indicators["active_share"].iloc[-1])
    complaints = float(indicators["complaint_rate"].mean())
    fakes = float(indicators["counterfeit_share"].mean())
    told = [
        "what a visit is worth to them, beyond shopping elsewhere, "
        + _went(indicators, "surplus_per_visit", UNITS),
        f"trust in the platform, from 0 to 1, {_went(indicators, 'trust')}",
        _against_first_day(float(indicators["price_index"].iloc[-1])),
        f"{percent(active)} of consumers still use the platform",
    ]
    harm = []
    if complaints > 0:
        harm.append(f"{percent(complaints)} of deliveries led to a complaint")
    if fakes > 0:
        harm.append(f"{percent(fakes)} of what was bought was counterfeit")
    return _sentences("; ".join(told), " and ".join(harm))


def _merchants(indicators: pd.DataFrame) -> str:
    survival = float(indicators["small_merchant_survival"].iloc[-1])
    open_ = int(indicators["open_merchants"].iloc[-1])
    exits, entries = int(indicators["exits"].sum()), int(indicators["entries"].sum())
    small = (
        "" if math.isnan(survival) else f"; {percent(survival)} of the first small shops survive"
    )
    shops = (
        f"{open_:,} {'shop is' if open_ == 1 else 'shops are'} open at the end ({exits:,} gave up, "
        f"{entries:,} entered){small}"
    )
    if not indicators["orders"].sum() > 0:
        return _sentences(shops, "nothing was sold")
    margin = change(indicators, "margin").last
    profit = (
        ""
        if math.isnan(margin)
        else f"over the last few weeks, their {'profit' if margin >= 0 else 'loss'} after all "
        f"costs was {percent(abs(margin))} of revenue; "
    )
    concentration = (
        ""
        if indicators["hhi"].isna().all()
        else "; the concentration of sales on few shops "
        f"{_went(indicators, 'hhi', ' points')} (HHI; above {HIGHLY_CONCENTRATED:,} counts as "
        "highly concentrated)"
    )
    return _sentences(
        shops,
        f"{profit}small shops' part of sales {_went(indicators, 'small_merchant_sales')}"
        f"{concentration}",
    )


def _couriers(indicators: pd.DataFrame, scenario: Scenario) -> str:
    nobody = scenario.couriers.count == 0
    start = "there are none, and parcels go by post; " if nobody else ""
    if indicators["on_time_share"].isna().all():
        return _sentences(f"{start}nothing was delivered")
    punctual = f"the share of orders on time {_went(indicators, 'on_time_share')}"
    if nobody:
        return _sentences(start + punctual)
    return _sentences(
        f"{punctual}; the way from order to door {_went(indicators, 'click_to_door', ' minutes')}; "
        f"pay on shift {_went(indicators, 'courier_earnings', f'{UNITS} an hour')}"
    )


def _platform(indicators: pd.DataFrame) -> str:
    total = float(indicators["profit"].sum())
    spent, gmv = float(indicators["subsidy_spend"].sum()), float(indicators["gmv"].sum())
    result = (
        f"{'made a profit' if total > 0 else 'made a loss'} of {money(abs(total))}"
        if total
        else "broke even"
    )
    subsidy = (
        f", after {money(spent)} spent on subsidies ({percent(spent / gmv)} of sales)"
        if spent > 0
        else ""
    )
    sold = f"goods for {money(gmv)}{UNITS} were sold on it" if gmv > 0 else "nothing was sold on it"
    return _sentences(f"{sold}, and it {result}{subsidy}", _rival(indicators))


def _rival(indicators: pd.DataFrame) -> str:
    """What became of the rival platform; nothing where there is none."""
    share = change(indicators, "rival_share")
    if math.isnan(share.first) or share.first == share.last == 0:
        return ""
    told = f"the rival's part of purchases {_went(indicators, 'rival_share')}"
    total = float(indicators["rival_profit"].sum())
    if total:
        told += f", and it made a {'profit' if total > 0 else 'loss'} of {money(abs(total))}"
    some = indicators["rival_share"] > 0.0
    last = int(some[some].index[-1])
    if share.last == 0.0:
        told += f"; nobody bought there after day {last}"
    return told


def _treasury(indicators: pd.DataFrame) -> str:
    fines = float(indicators["fines"].sum())
    return _sentences(
        "no fines were paid" if fines == 0 else f"it took {money(fines)}{UNITS} in fines"
    )


def _interventions(indicators: pd.DataFrame, scenario: Scenario) -> list[Answer]:
    told = []
    marked = interventions(scenario, len(indicators))
    for what in marked:
        found = largest(shifts(indicators, what, list(KEY_INDICATORS), marked))
        if not found:
            continue
        words = "; ".join(
            f"{_lower(KEY_INDICATORS[shift.name])} "
            f"{_moved(shift.name, shift.before, shift.during, _behind(find(shift.name).unit))}"
            for shift in found
        )
        told.append(Answer(f"{_upper(what.label)} ({what.days})", f"largest changes: {words}."))
    return told


def _index(result: IndexResult) -> str:
    """The index with its parts, the weakest first."""
    order = sorted(result.dimensions, key=lambda name: result.dimensions[name])
    parts = ", ".join(f"{name} {result.dimensions[name]:.2f}" for name in order)
    return f"{result.value:.2f} of 1, made of {parts}."


def _behind(unit: str) -> str:
    """What stands behind a value of this unit, so that it says what it counts."""
    return " minutes" if unit == "minutes" else rate(unit)


def _went(indicators: pd.DataFrame, name: str, each: str = "") -> str:
    """How an indicator went from the first week to the last; `each` stands behind a value."""
    went = change(indicators, name)
    if len(indicators) == 1 and not math.isnan(went.last):
        return f"was {measured(went.last, find(name).unit)}{each}"
    return _moved(name, went.first, went.last, each)


def _moved(name: str, first: float, last: float, each: str) -> str:
    unit = find(name).unit
    if math.isnan(first) and math.isnan(last):
        return "could not be measured"
    if math.isnan(first):
        return f"could not be measured at first and was {measured(last, unit)}{each} at last"
    if math.isnan(last):
        return f"was {measured(first, unit)}{each} at first and could not be measured at last"
    before, after = measured(first, unit), measured(last, unit)
    if before == after:
        return f"stayed at {after}{each}"
    return f"{'rose' if last > first else 'fell'} from {before} to {after}{each}"


def _against_first_day(index: float) -> str:
    if math.isnan(index):
        return "nothing of the first day is offered any more"
    if abs(index - 1.0) < 0.0005:
        return "prices ended where they were on the first day"
    way = "above" if index > 1 else "below"
    return f"prices ended {percent(abs(index - 1.0))} {way} those of the first day"


def _sentences(*parts: str) -> str:
    return " ".join(f"{_upper(part)}." for part in parts if part)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def indicator_rows(indicators: pd.DataFrame) -> list[dict[str, str]]:
    """A table's rows: every indicator with its unit, first and last week and mean."""
    rows = []
    for indicator in INDICATORS:
        ends = change(indicators, indicator.name)
        unit = indicator.unit
        rows.append(
            {
                "name": indicator.name.replace("_", " "),
                "dimension": indicator.dimension,
                "sentence": indicator.sentence,
                "unit": unit,
                "better": {"none": "neither"}.get(indicator.better, indicator.better),
                "first": measured(ends.first, unit),
                "last": measured(ends.last, unit),
                "mean": measured(float(indicators[indicator.name].mean()), unit),
                "formula": indicator.formula,
                "source": indicator.source,
            }
        )
    return rows
