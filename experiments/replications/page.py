"""The page of a replication: the same outcome gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.replications.protocol import Outcome, Replication, Row
from experiments.reporting.page import template
from scenarios.schema import Scenario


def render(
    replication: Replication, outcome: Outcome, scenario: Scenario, manifest: dict[str, Any]
) -> str:
    """A replication's page as HTML.

    Args:
        replication: what was run.
        outcome: what it measured.
        scenario: what its markets start from.
        manifest: where its numbers come from.
    """
    text: str = template("replication.html.j2").render(
        replication=replication,
        scenario=scenario,
        manifest=manifest,
        charts=outcome.charts,
        sources=sources(outcome.rows),
        rows=[
            {
                "quantity": row.quantity,
                "published": row.published,
                "source": sources(outcome.rows).index(row.source) + 1,
                "ours": ours_in_words(row),
                "tolerance": row.tolerance,
                "verdict": verdict(row),
                "reproduced": row.reproduced,
                "settings": row.settings,
            }
            for row in outcome.rows
        ],
        missed=sum(not row.reproduced for row in outcome.rows),
    )
    return text


def sources(rows: Sequence[Row]) -> list[str]:
    """Sources of published values, each once, in the order in which the table has them."""
    return list(dict.fromkeys(row.source for row in rows))


def verdict(row: Row) -> str:
    """Whether a quantity was reproduced, in a word or two."""
    return "reproduced" if row.reproduced else "not reproduced"


def ours_in_words(row: Row) -> str:
    """Our value with the digits that the tolerance asks for, and its standard error if any."""
    if not math.isfinite(row.ours):
        return "–"
    places = decimals(row)
    value = f"{row.ours:.{places}f}"
    if value.startswith("-") and not value.strip("-0."):
        value = value[1:]
    return f"{value} ({row.error:.{places}f})" if row.error > 0 else value


def decimals(row: Row) -> int:
    """Decimals that show where in its range a value lies."""
    whole, _, fraction = row.published.partition(".")
    if (whole + fraction).lstrip("-").isdigit():
        return len(fraction)
    width = row.high - row.low
    if math.isfinite(width) and width > 0:
        return max(0, 2 - math.floor(math.log10(width)))
    size = abs(row.ours)
    return 3 if size == 0 else max(0, 3 - math.floor(math.log10(size)))
