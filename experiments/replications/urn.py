"""An urn of two products: showing the best-seller lets chance choose the winner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell, each
from experiments.reporting.charts import BLUE, GREY, ORANGE, Chart, as_svg, styled

Floats = NDArray[np.float64]

PAPER = (
    "Fleder & Hosanagar (2009), Blockbuster Culture's Next Rise or Fall, Management Science 55(5)"
)
WALK = (
    "closed form of the same urn, equals by lot: with a = p(1 - r) + r/2, the walk of one "
    "product's lead ends above 0 with chance a e / (a e + (1 - a) f), e = 1 - (1 - hi)/hi, "
    "f = 1 - lo/(1 - lo)"
)

URNS = 100
"""Urns a market, each a category of its own."""

SETTINGS = ((0.5, 0.5), (0.6, 0.3), (0.7, 0.2))
"""Chance p that a consumer's own taste is product one, and r that she is shown the best-seller."""

SHARE, CHANCE = 0.02, 0.06
"""Tolerances of a limit share and of the chance of ending at the high one."""

METHOD = (
    (
        "Every category of the market is an urn of two products. With chance 1 - r a shopper "
        "searches, finds both, and takes product one with chance p, which the logit gives for "
        "products whose values differ by ln(p / (1 - p)); with chance r she is shown the product "
        "that sold more so far and takes it. A market has a hundred urns and a shopper in each "
        "every fourth day, so that sales feed back all but one by one."
    ),
    (
        "The recommender is the market's own `neighbours` on the purchases of everybody, and the "
        "search its own text match. In half of the urns product one is the older listing, in half "
        "the younger, since search results of equal match show the older one first. Limit shares "
        "are those of the second half of the days, by which product leads at the end."
    ),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One market of urns to run."""

    study: Study
    taste: float  # p
    recommended: float  # r
    replication: int


@dataclass(frozen=True, slots=True)
class Urns:
    """What became of the urns of one market. U urns, T days."""

    leads: NDArray[np.bool_]  # (U,) product one sold more over all days
    share: Floats  # (U,) of product one in the sales of the second half
    course: Floats  # (T, U) of product one in all sales so far; nan before the first


class Urn:
    """Limit shares of a product, and how often it ends at each."""

    name: ClassVar[str] = "urn"
    title: ClassVar[str] = "Showing best-sellers lets early luck decide who stays ahead"
    scenario: ClassVar[str] = "urn"
    source: ClassVar[str] = f"{PAPER}."
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 3

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Run urns of every setting and compare them with the published limits."""
        tasks = [
            Task(study, taste, recommended, replication)
            for taste, recommended in SETTINGS
            for replication in range(study.replications)
        ]
        found = each(draw, tasks, workers=study.workers, tell=tell)
        rows: list[Row] = []
        frames = []
        for setting in SETTINGS:
            own = [
                urns
                for task, urns in zip(tasks, found, strict=True)
                if (task.taste, task.recommended) == setting
            ]
            rows += comparisons(setting, own)
            frames.append(_frame(setting, own))
        first = tuple(found[place] for place in range(0, len(tasks), study.replications))
        return Outcome(tuple(rows), (_chart(first),), {"urns": pd.concat(frames)})


def settings_of(taste: float, recommended: float, urns: int = URNS) -> tuple[str, ...]:
    """`KEY=VALUE` for a market of urns.

    Args:
        taste: p, in (0, 1).
        recommended: r, in [0, 1].
        urns: how many.
    """
    ahead = 10.0 + 10.0 * math.log(taste / (1.0 - taste))
    rows = ", ".join(
        f'{{merchant = "{merchant}", title = "urn{urn}", category = "urn{urn}", '
        f"value = {value:.6f}, unit_cost = 5.0, price = 10.0}}"
        for urn in range(urns)
        for merchant, value in zip(
            ("First", "Second"), (ahead, 10.0) if urn % 2 == 0 else (10.0, ahead), strict=True
        )
    )
    return (
        f"commerce.written.listings=[{rows}]",
        f"consumers.count={urns}",
        f"consumers.choice.search_share={1.0 - recommended}",
    )


def draw(task: Task) -> Urns:
    """Run one market of urns."""
    market = task.study.lived(
        *settings_of(task.taste, task.recommended), seed=1000 * task.replication
    )
    orders, urns = market.orders, len(market.category_names)
    day, urn = orders["day"], orders["category"].astype(np.int64)
    one = orders["listing"] % 2 == urn % 2
    days = market.day
    sold, of_one = (
        np.bincount(day * urns + urn, weight, minlength=days * urns).reshape(days, urns)
        for weight in (np.ones(len(day)), one.astype(np.float64))
    )
    market.end()
    total, total_of_one = sold.cumsum(axis=0), of_one.cumsum(axis=0)
    half = days // 2
    with np.errstate(invalid="ignore"):
        return Urns(
            leads=total_of_one[-1] > total[-1] / 2.0,
            share=of_one[half:].sum(axis=0) / sold[half:].sum(axis=0),
            course=total_of_one / total,
        )


def limits(taste: float, recommended: float) -> tuple[float, float, float]:
    """Where the share of product one ends, and how likely at the high one.

    Args:
        taste: p, in (0, 1), at least 1/2.
        recommended: r, in (0, 1).

    Returns:
        The low limit `p(1 - r)`, the high one `p(1 - r) + r`, and the chance of the high one; 1 if
        the low one is above a half, since product one then gains ground even when behind.

    Source: Fleder & Hosanagar (2009); the chance is the gambler's ruin of the lead, equals by lot.
    """
    low = taste * (1.0 - recommended)
    high = low + recommended
    if low >= 0.5:
        return low, high, 1.0
    even = low + recommended / 2.0
    above, below = 1.0 - (1.0 - high) / high, 1.0 - low / (1.0 - low)
    return low, high, even * above / (even * above + (1.0 - even) * below)


def comparisons(setting: tuple[float, float], found: Sequence[Urns]) -> list[Row]:
    """Limit shares and chances of one setting against those published."""
    low, high, chance = limits(*setting)
    leads = np.concatenate([one.leads for one in found])
    share = np.concatenate([one.share for one in found])
    which = f"p = {setting[0]:g}, r = {setting[1]:g}"
    changed = settings_of(*setting)[2:]
    rows = []
    for name, limit, those in (("high", high, leads), ("low", low, ~leads)):
        if name == "low" and chance == 1.0:
            continue
        rows.append(
            Row.close(
                f"{which}: share of product one where it ends {name}",
                limit,
                _mean(share[those]),
                SHARE,
                source=PAPER,
                error=_error(share[those]),
                settings=changed,
                digits=3,
            )
        )
    error = float(np.sqrt(leads.mean() * (1.0 - leads.mean()) / len(leads)))
    if chance == 1.0:
        rows.append(
            Row.between(
                f"{which}: urns in which product one ends ahead",
                "all",
                float(leads.mean()),
                0.98,
                1.0,
                source=PAPER,
                error=error,
                settings=changed,
            )
        )
    else:
        rows.append(
            Row.close(
                f"{which}: urns that end high",
                chance,
                float(leads.mean()),
                CHANCE,
                source=f"{PAPER}; {WALK}",
                error=error,
                settings=changed,
                digits=3,
            )
        )
    return rows


def _mean(values: Floats) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def _error(values: Floats) -> float:
    values = values[np.isfinite(values)]
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _frame(setting: tuple[float, float], found: Sequence[Urns]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "p": setting[0],
            "r": setting[1],
            "market": np.repeat(np.arange(len(found)), [len(one.leads) for one in found]),
            "ends_ahead": np.concatenate([one.leads for one in found]),
            "share": np.concatenate([one.share for one in found]),
        }
    )


def _chart(markets: Sequence[Urns]) -> Chart:
    """Share of product one in some urns, day by day, one panel a setting."""
    shown = 12
    with styled():
        figure = Figure(figsize=(7.2, 2.6))
        for place, (setting, urns) in enumerate(zip(SETTINGS, markets, strict=True)):
            axes: Axes = figure.add_axes((0.07 + 0.31 * place, 0.2, 0.27, 0.66))
            axes.grid(visible=True)
            for urn in range(min(shown, urns.course.shape[1])):
                colour = BLUE if urns.leads[urn] else ORANGE
                axes.plot(urns.course[:, urn], color=colour, linewidth=0.8)
            low, high, chance = limits(*setting)
            for limit in (high,) if chance == 1.0 else (low, high):
                axes.axhline(limit, color=GREY, linestyle="--", linewidth=1.0)
            axes.set_ylim(0.0, 1.0)
            axes.set_title(f"p = {setting[0]:g}, r = {setting[1]:g}")
            axes.set_xlabel("day")
        svg = as_svg(figure, "urns")
    told = "; ".join(
        f"p = {p:g}, r = {r:g}: {urns.leads.mean():.0%} of urns end with product one ahead"
        for (p, r), urns in zip(SETTINGS, markets, strict=True)
    )
    return Chart(
        svg,
        f"Share of product one in sales so far, by day. {told}.",
        "A line an urn, twelve of each kind; dashed: the limits. Blue ends ahead, orange behind.",
    )
