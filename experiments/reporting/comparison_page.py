"""The page of a comparison: which setting is best for whom, when, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.best_settings import BestSettings, best_settings
from experiments.comparison import Comparison
from experiments.incidence import DEADWEIGHT, PREFIX
from experiments.interventions import interventions
from experiments.numerals import finely, measured, unit_in_words
from experiments.reporting.comparison_charts import day_by_day, over_settings, short_label
from experiments.reporting.page import template
from experiments.varying import numbers
from scenarios.fields import fields
from scenarios.schema import Scenario
from sim.health import INDICATORS, find

QUESTIONS = {
    "market_surplus_per_visit": "What a visit is worth to a consumer, on both platforms together",
    "surplus_per_visit": "What our platform adds to a visit",
    "small_merchant_survival": "Small shops that survive",
    "small_merchant_sales": "Small shops' part of sales",
    "hhi": "Concentration of sales on few shops",
    "price_index": "Prices against the first day",
    "subsidy_spend": "Subsidies that our platform pays",
    "profit": "Our platform's profit",
    "rival_share": "The rival's part of purchases",
    "rival_profit": "The rival's profit",
    "trust": "Trust in the platform",
    "on_time_share": "Orders on time",
}
"""Indicators that the page tells, and what it calls them."""


def render(comparison: Comparison, varied: Mapping[str, Sequence[str]]) -> str:
    """The page as HTML: the same comparison gives the same bytes.

    Args:
        comparison: what was run.
        varied: values by the dotted name of the field that was varied; empty where scenarios were
            compared.
    """
    text: str = template("comparison.html.j2").render(**_context(comparison, varied))
    return text


def _context(comparison: Comparison, varied: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    shown = {name: title for name, title in QUESTIONS.items() if _is_told(comparison, name)}
    places = numbers(next(iter(varied.values()))) if len(varied) == 1 else None
    if places is not None and len(places) != len(comparison.labels):
        places = None
    base = comparison.scenarios[0]
    return {
        "scenario": base,
        "names": list(dict.fromkeys(one.name for one in comparison.scenarios)),
        "labels": [short_label(label) for label in comparison.labels],
        "varied": [(key, _meaning(key), values) for key, values in varied.items()],
        "spans": comparison.spans,
        "replications": comparison.replications,
        "days": base.days,
        "interventions": interventions(base, base.days),
        "verdicts": [
            (span, rows)
            for span in comparison.spans
            if (rows := _verdicts(comparison, span.name, shown))
        ],
        "untouched": [
            title.lower() for name, title in shown.items() if _is_untouched(comparison, name)
        ],
        "settings_charts": [
            over_settings(comparison, name, title, places) for name, title in shown.items()
        ],
        "daily_charts": [
            day_by_day(comparison, name, title, places) for name, title in shown.items()
        ],
        "incidence": [
            (span, rows)
            for span in comparison.spans
            if (rows := incidence_rows(comparison.incidence, span.name))
        ],
        "tables": [
            (span, [_row(comparison, span.name, name, title) for name, title in shown.items()])
            for span in comparison.spans
        ],
    }


def incidence_rows(incidence: pd.DataFrame, span: str) -> list[dict[str, Any]]:
    """What each side gains of a unit of subsidy, a row a side, of settings that spend another sum.

    Args:
        incidence: as `experiments.incidence.incidence` returns it.
        span: name of the span.
    """
    known = incidence[(incidence["span"] == span) & incidence["difference"].notna()]
    labels = [short_label(str(label)) for label in dict.fromkeys(known["scenario"])]
    rows = []
    for name, own in known.groupby("indicator", sort=False):
        side = str(name).removeprefix(PREFIX)
        cells = [
            {
                "gained": f"{gained:.2f}",
                "ends": "unsure" if math.isnan(low) else f"{low:.2f} to {high:.2f}",
            }
            for gained, low, high in zip(own["difference"], own["low"], own["high"], strict=True)
        ]
        told = "Lost to all (deadweight)" if side == DEADWEIGHT else side.capitalize()
        rows.append({"side": told, "labels": labels, "cells": cells})
    return rows


def _meaning(key: str) -> str:
    """What a field is, in the words of the schema; empty for a field of several meanings."""
    told = {one.description for one in fields(Scenario) if one.key == key}
    return told.pop() if len(told) == 1 else ""


def _is_told(comparison: Comparison, name: str) -> bool:
    """Whether an indicator exists and has a value that is not zero throughout."""
    if name not in {one.name for one in INDICATORS}:
        return False
    values = comparison.means[name]
    return bool(values.notna().any() and values.abs().sum() > 0)


def _is_untouched(comparison: Comparison, name: str) -> bool:
    rows = comparison.table[comparison.table["indicator"] == name]
    return bool((rows["low"] == 0.0).all() and (rows["high"] == 0.0).all())


def _verdicts(comparison: Comparison, span: str, shown: Mapping[str, str]) -> list[dict[str, Any]]:
    """For each indicator of which more or less is better: the best settings, in words."""
    rows = []
    for name, title in shown.items():
        found = best_settings(comparison, name, span)
        if found is None or found.all_equal:
            continue
        unit = find(name).unit
        rows.append(
            {
                "title": title,
                "unit": unit_in_words(unit).removeprefix("%").strip(),
                "best": short_label(found.best),
                "value": measured(found.mean_best, unit),
                "peers": found.peers,
                "sure": _how_sure(found, len(comparison.labels)),
                "worst": short_label(found.worst),
                "worst_value": measured(found.mean_worst, unit),
            }
        )
    return rows


def _how_sure(found: BestSettings, settings: int) -> str:
    if not found.peers:
        return "told from all others"
    if len(found.peers) == settings - 1:
        return "not told from any other"
    return f"not told from {'; '.join(short_label(peer) for peer in found.peers)}"


def _row(comparison: Comparison, span: str, name: str, title: str) -> dict[str, Any]:
    """An indicator under each setting: its mean, and the difference from the base."""
    unit = find(name).unit
    table = comparison.table
    rows = table[(table["indicator"] == name) & (table["span"] == span)].set_index("scenario")
    cells = []
    for label in comparison.labels:
        one: Any = rows.loc[label]
        low, high = float(one["low"]), float(one["high"])
        cells.append(
            {
                "mean": measured(float(one["mean"]), unit),
                "difference": ""
                if label == comparison.labels[0]
                else "0, exactly"
                if low == high == 0.0
                else f"{finely(low, unit)} to {finely(high, unit)}",
            }
        )
    return {
        "title": title,
        "unit": unit_in_words(unit).removeprefix("%").strip(),
        "cells": cells,
    }
