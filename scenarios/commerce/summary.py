"""The summary of an import: what was read, what was left out, what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from scenarios.commerce.learn import Assumptions, Learned
from sim.stylised_facts import top_share

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import has read and learned; `str()` gives it as lines of text."""

    source: str
    rows_read: dict[str, int]  # good rows by file
    rows_rejected: dict[str, int]  # bad rows by file
    reasons: dict[str, int]  # faults by "file: column: reason"
    users: int
    items: int
    merchants: int
    lines: int  # purchases of the catalogue's items
    categories: dict[str, tuple[float, float]]  # name to share of items and share of lines
    price_quartiles: tuple[float, float, float]  # currency units
    first_day: str  # ISO date
    last_day: str
    days: int
    top_item_share: float  # lines that the best-selling tenth of items holds
    top_user_share: float  # visits that the most active tenth of consumers makes
    median_visits_per_week: float
    mean_lines_per_visit: float
    repeat_share: float | None  # None where nobody came on a second day
    notes: tuple[str, ...]
    assumed: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.text_lines())

    def text_lines(self) -> list[str]:
        """The summary as lines of plain text."""
        lines = [f"Imported {self.source}"]
        for file, count in self.rows_read.items():
            rejected = self.rows_rejected.get(file, 0)
            lines.append(f"  {file}: {count:,} rows read, {rejected:,} rejected")
        lines += [f"    {count:,} × {reason}" for reason, count in self.reasons.items()]
        lower, middle, upper = self.price_quartiles
        repeat = "unknown" if self.repeat_share is None else f"{self.repeat_share:.1%}"
        lines += [
            f"  {self.users:,} consumers, {self.items:,} items, {self.merchants:,} merchants",
            f"  {self.lines:,} purchases of these items",
            f"  period: {self.first_day} to {self.last_day} ({self.days:,} days)",
            f"  price: quartiles {lower:,.2f}, {middle:,.2f}, {upper:,.2f}",
            f"  sales: the best-selling tenth of items has {self.top_item_share:.1%} of purchases",
            f"  visits: median {self.median_visits_per_week:.2f} a week",
            f"  visits: the most active tenth of consumers makes {self.top_user_share:.1%}",
            f"  a visit: {self.mean_lines_per_visit:.2f} purchases on average",
            f"  repeat purchases: {repeat} of those after a consumer's first day",
            "  categories (share of items, share of purchases):",
        ]
        lines += [
            f"    {name}: {of_items:.1%}, {of_lines:.1%}"
            for name, (of_items, of_lines) in self.categories.items()
        ]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  assumed: {assumption}" for assumption in self.assumed]
        return lines

    def to_json(self) -> dict[str, Any]:
        """The summary as JSON types, for `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> ImportSummary:
        """The summary that `to_json` wrote."""
        values = dict(fields)
        values["categories"] = {name: tuple(pair) for name, pair in values["categories"].items()}
        for name in ("price_quartiles", "notes", "assumed"):
            values[name] = tuple(values[name])
        return cls(**values)


def summarise(
    learned: Learned,
    assumptions: Assumptions,
    *,
    source: str,
    rows_read: Mapping[str, int],
    rows_rejected: Mapping[str, int],
    reasons: Mapping[str, int],
    notes: Sequence[str],
) -> ImportSummary:
    """Sum up what was learned.

    Args:
        learned: catalogue, population and measures.
        assumptions: what was assumed.
        source: what was imported, in words.
        rows_read: good rows by file.
        rows_rejected: bad rows by file.
        reasons: number of faults by reason.
        notes: what else is worth knowing about this import.

    Returns:
        The summary.
    """
    catalogue, activity = learned.catalogue, learned.activity
    count = len(catalogue.category_names)
    of_items = np.bincount(catalogue.category, minlength=count) / len(catalogue.category)
    sold = np.bincount(catalogue.category, weights=learned.lines, minlength=count)
    of_lines = sold / learned.lines.sum()
    order = np.argsort(-of_lines, kind="stable")
    quartiles = np.quantile(catalogue.price, [0.25, 0.5, 0.75]) / 100.0
    first = _EPOCH + timedelta(days=activity.first_day)
    return ImportSummary(
        source=source,
        rows_read=dict(rows_read),
        rows_rejected=dict(rows_rejected),
        reasons=dict(reasons),
        users=len(activity.visits),
        items=len(catalogue.title),
        merchants=len(catalogue.merchant_names),
        lines=int(learned.lines.sum()),
        categories={
            catalogue.category_names[c]: (float(of_items[c]), float(of_lines[c])) for c in order
        },
        price_quartiles=(float(quartiles[0]), float(quartiles[1]), float(quartiles[2])),
        first_day=first.isoformat(),
        last_day=(first + timedelta(days=activity.days - 1)).isoformat(),
        days=activity.days,
        top_item_share=top_share(learned.lines),
        top_user_share=top_share(activity.visits),
        median_visits_per_week=float(np.median(activity.visits) * 7.0 / activity.days),
        mean_lines_per_visit=float(
            (activity.lines_per_visit * activity.visits).sum() / activity.visits.sum()
        ),
        repeat_share=None
        if np.isnan(activity.overall_repeat_share)
        else activity.overall_repeat_share,
        notes=tuple(notes),
        assumed=_assumed(learned, assumptions),
    )


def _assumed(learned: Learned, assumptions: Assumptions) -> tuple[str, ...]:
    without_cost = len(learned.catalogue.title) - learned.costs_given
    income = (
        f"income is {assumptions.income_factor:g} times what a consumer spent a day, and at least "
        "enough for one usual visit a week"
    )
    sensitivity = (
        f"price sensitivity is log-normal with median {assumptions.price_sensitivity_median:g} and "
        f"log sd {assumptions.price_sensitivity_log_sd:g}; its order is that of how cheaply "
        "consumers bought"
    )
    told = [income, sensitivity]
    if learned.merged_categories:
        told.append(f"the {learned.merged_categories:,} least selling categories are one, 'other'")
    if without_cost:
        told.append(
            f"{without_cost:,} items without cost have a gross margin of "
            f"{assumptions.default_margin:.0%}"
        )
    if not learned.ratings:
        told.append("no ratings are given: quality is read from how often items are bought again")
    if not learned.activity.clocked:
        told.append("no times of day are given: hours are those of the generated population")
    return tuple(told)
