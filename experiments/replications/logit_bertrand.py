"""Price competition under logit demand: the market against closed forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.replications.logit_market import BUYERS, CURRENCY, MU, LastDay, firms, last_day
from experiments.replications.logit_theory import (
    Floats,
    Logit,
    firms_of_free_entry,
    firms_welfare_wants,
)
from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell
from experiments.reporting.charts import BLUE, GREY, ORANGE, RED, SKY, Chart, as_svg, styled
from experiments.running import live
from sim.market import Marketplace

BOOK = (
    "closed form; Anderson, de Palma & Thisse (1992), Discrete Choice Theory of Product "
    "Differentiation, ch. 7"
)
LAMBERT = (
    "closed form with Lambert's W; Anderson, de Palma & Thisse (1992), ch. 7, and Aravindakshan & "
    "Ratchford (2011), Marketing Letters 22"
)
ENTRY = (
    "closed form, in whole firms: profit mu/(n - 1) covers F up to n = 1 + mu/F, while welfare "
    "mu ln n - n F is largest at about mu/F; Anderson, de Palma & Thisse (1992), ch. 7"
)
ROOTS = "first-order conditions p - c = mu/(1 - q) solved by a root finder"

METHOD = (
    (
        "Merchants with the pricing strategy best_response know demand and answer the prices that "
        "the others asked the day before. Demand is expected: each alternative sells its exact "
        "choice probability to a million buyers, so that nothing is left to chance. A price of "
        "1000 currency units is 1 in the units of theory; value is 2, unit cost 1, mu .25 and the "
        "outside option is worth 0."
    ),
    (
        "Prices are those of the market's listings, quantities and profits come from its orders, "
        "and consumer surplus is the log-sum that it measures, all on the last day. Where products "
        "are alike, the one farthest from theory is shown."
    ),
    (
        "With free entry, newcomers copy what is on sale and open, one a day at most, if they "
        "expect that their profit after all prices have answered their coming covers the fixed "
        "cost; merchants at a loss give up when their capital is gone. What number of firms "
        "welfare wants is read from markets of two to seven firms: consumer surplus and profits, "
        "less a fixed cost for each firm."
    ),
)

NUMBERS = (2, 3, 5)
TOLERANCE = 1e-4
UNEQUAL = Logit(np.array([2.0, 2.3, 1.8]), np.array([1.0, 1.2, 0.7]), MU)
UNEQUAL_FIRMS = firms(UNEQUAL.a.tolist(), UNEQUAL.c.tolist(), [1.5, 1.5, 1.5])
NO_OUTSIDE = "consumers.choice.outside_utility=-40.0"
COVERED = range(2, 8)
"""Numbers of firms without an outside option."""

FIXED_COSTS = (0.12, 0.08, 0.049)
ENTRIES = ((0.12, 2), (0.08, 2), (0.049, 2), (0.049, 9))
"""Fixed cost of a firm, in units of theory a buyer and day, and firms on the first day."""

ENTRY_DAYS = 120


@dataclass(frozen=True, slots=True)
class Settled:
    """A market that has come to rest, and how it was made."""

    day: LastDay
    settings: tuple[str, ...]


def settle(study: Study, *settings: str, days: int | None = None) -> Settled:
    """Let prices converge and read the last day."""
    market = study.lived(*settings, days=days)
    day = last_day(market)
    market.end()
    return Settled(day, settings)


def alike(n: int, *, one_owner: bool = False) -> str:
    """`KEY=VALUE` for n products alike, that open at different prices."""
    opening = np.linspace(1.2, 1.9, n).tolist()
    return firms([2.0] * n, [1.0] * n, opening, one_owner=one_owner)


class LogitBertrand:
    """Nash and monopoly prices, profits and surplus; unequal firms; no outside option."""

    name: ClassVar[str] = "logit_bertrand"
    title: ClassVar[str] = "Merchants that answer each other's prices come to the textbook's prices"
    scenario: ClassVar[str] = "duopoly"
    source: ClassVar[str] = (
        "Logit-Bertrand competition: Anderson, de Palma & Thisse (1992), Discrete Choice Theory of "
        "Product Differentiation, ch. 7."
    )
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 0

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Settle every market and hold it against its closed form."""
        total = 2 * len(NUMBERS) + 1 + len(COVERED) + len(ENTRIES)
        done = 0

        def run(*settings: str, days: int | None = None) -> Settled:
            nonlocal done
            market = settle(study, *settings, days=days)
            done += 1
            tell(done, total)
            return market

        nash = {n: run(alike(n)) for n in NUMBERS}
        joint = {n: run(alike(n, one_owner=True)) for n in NUMBERS}
        rows = [row for n in NUMBERS for row in nash_rows(n, nash[n]) + monopoly_rows(n, joint[n])]
        rows += unequal_rows(run(UNEQUAL_FIRMS, days=60))
        covered = {n: run(alike(n), NO_OUTSIDE) for n in COVERED}
        rows += without_outside_rows(covered)
        open_ = {}
        for cost, founders in ENTRIES:
            open_[cost, founders] = firms_by_day(study, cost, founders)
            done += 1
            tell(done, total)
        rows += entry_rows(open_)
        rows += welfare_rows({n: market.day for n, market in covered.items()})
        prices = pd.DataFrame(
            {
                "firms": NUMBERS,
                "nash_price": [nash[n].day.price.mean() for n in NUMBERS],
                "monopoly_price": [joint[n].day.price.mean() for n in NUMBERS],
            }
        )
        entry = pd.DataFrame(
            {f"F = {cost:g}, from {founders}": by_day for (cost, founders), by_day in open_.items()}
        )
        charts = (prices_by_number(prices), firms_over_time(open_))
        return Outcome(tuple(rows), charts, {"prices": prices, "entry": entry})


def nash_rows(n: int, market: Settled) -> list[Row]:
    """What n competing firms should come to."""
    theory = Logit.symmetric(n)
    return _rows("Nash", n, market, theory, theory.nash(), BOOK)


def monopoly_rows(n: int, market: Settled) -> list[Row]:
    """What one owner of n products should come to."""
    theory = Logit.symmetric(n)
    return _rows("monopoly", n, market, theory, theory.monopoly(), LAMBERT)


def _rows(
    regime: str, n: int, market: Settled, theory: Logit, price: Floats, source: str
) -> list[Row]:
    day = market.day
    profit = (price - theory.c) * theory.shares(price)
    surplus = theory.surplus(price)
    found = (
        (f"{regime} price, n = {n}", price[0], farthest(day.price, price)),
        (f"{regime} profit a product, n = {n}", profit[0], farthest(day.profit, profit)),
        (f"consumer surplus at {regime} prices, n = {n}", surplus, day.surplus),
    )
    return [
        Row.close(
            what, float(exact), ours, TOLERANCE, source=source, settings=market.settings, digits=6
        )
        for what, exact, ours in found
    ]


def unequal_rows(market: Settled) -> list[Row]:
    """Three firms of different cost and quality."""
    return [
        Row.close(
            f"price of a firm with value {value:g} and cost {cost:g}, of three unequal",
            float(exact),
            float(ours),
            TOLERANCE,
            source=ROOTS,
            settings=market.settings,
        )
        for value, cost, exact, ours in zip(
            UNEQUAL.a, UNEQUAL.c, UNEQUAL.nash(), market.day.price, strict=True
        )
    ]


def without_outside_rows(covered: dict[int, Settled]) -> list[Row]:
    """Nobody can do without: p = c + mu n/(n - 1)."""
    rows = []
    for n in NUMBERS:
        price = 1.0 + MU * n / (n - 1)
        rows.append(
            Row.close(
                f"price without an outside option, n = {n}",
                price,
                farthest(covered[n].day.price, np.full(n, price)),
                TOLERANCE,
                source=BOOK,
                settings=covered[n].settings,
            )
        )
    return rows


def entry_settings(fixed_cost: float, founders: int) -> tuple[str, ...]:
    """`KEY=VALUE` for a market that anybody may enter who expects to cover the fixed cost.

    Args:
        fixed_cost: of a firm a day, in units of theory a buyer.
        founders: firms on the first day.
    """
    return (
        alike(founders),
        NO_OUTSIDE,
        f"merchants.fixed_cost_per_listing={fixed_cost * BUYERS * CURRENCY:.2f}",
        "merchants.entry_forecast=true",
        "merchants.entrant_variation=0.0",
        "merchants.entrant_listings=1",
        "merchants.entry_rate=0.3",
        "merchants.capital_days=20.0",
        "merchants.grace_days=3",
    )


def firms_by_day(study: Study, fixed_cost: float, founders: int) -> list[int]:
    """Merchants that are open at the end of each day of free entry."""
    settings = entry_settings(fixed_cost, founders)
    days = study.resolved(*settings, days=ENTRY_DAYS)[0].days
    market = study.market(*settings, days=days)
    open_: list[int] = []

    def count(lived: Marketplace) -> None:
        open_.append(int(lived.books.is_open.sum()))

    if live(market, days, count) < days:
        raise KeyboardInterrupt
    market.end()
    return open_


def entry_rows(open_: dict[tuple[float, int], list[int]]) -> list[Row]:
    """How many firms free entry and exit leave.

    Args:
        open_: merchants by day, by fixed cost and number of founders.
    """
    return [
        _count_row(
            f"firms of free entry, F = {cost:g}, from {founders}: 1 + mu/F = {1.0 + MU / cost:.2f}",
            firms_of_free_entry(MU, cost),
            by_day[-1],
            entry_settings(cost, founders),
        )
        for (cost, founders), by_day in open_.items()
    ]


def welfare_rows(without_outside: dict[int, LastDay]) -> list[Row]:
    """How many firms welfare wants: one fewer than free entry leaves.

    Args:
        without_outside: the market's last day by number of firms, without an outside option.
    """
    rows = []
    for cost in FIXED_COSTS:
        welfare = {n: day.welfare - n * cost for n, day in without_outside.items()}
        rows.append(
            _count_row(
                f"firms that welfare wants, F = {cost:g}: mu/F = {MU / cost:.2f}",
                firms_welfare_wants(MU, cost),
                max(welfare, key=lambda n: welfare[n]),
                (alike(firms_welfare_wants(MU, cost)), NO_OUTSIDE),
            )
        )
    return rows


def _count_row(quantity: str, exact: int, ours: int, settings: Sequence[str]) -> Row:
    return Row(
        quantity=quantity,
        published=str(exact),
        source=ENTRY,
        ours=float(ours),
        low=float(exact),
        high=float(exact),
        tolerance="none",
        settings=tuple(settings),
    )


def farthest(ours: Floats, theory: Floats) -> float:
    """The one of our values that is farthest from theory's."""
    return float(ours[np.argmax(np.abs(ours - theory))])


def prices_by_number(frame: pd.DataFrame) -> Chart:
    """Prices by number of firms: theory as lines, the market as points."""
    n = range(2, 11)
    nash = [float(Logit.symmetric(k).nash()[0]) for k in n]
    joint = [float(Logit.symmetric(k).monopoly()[0]) for k in n]
    with styled():
        figure = Figure(figsize=(4.6, 3.0))
        axes = figure.add_axes((0.14, 0.16, 0.82, 0.72))
        axes.grid(visible=True)
        axes.plot(n, joint, color=ORANGE, label="one owner of all, theory")
        axes.plot(frame["firms"], frame["monopoly_price"], "o", color=ORANGE, label="market")
        axes.plot(n, nash, color=BLUE, label="competition, theory")
        axes.plot(frame["firms"], frame["nash_price"], "o", color=BLUE, label="market")
        axes.set_ylim(1.0, 2.5)
        axes.set_title("Price by number of products")
        axes.set_xlabel("products, n")
        axes.set_ylabel("price (cost is 1)")
        axes.legend(fontsize=8, frameon=False, loc="upper right", ncols=2)
        svg = as_svg(figure, "prices")
    told = "; ".join(
        f"n = {row.firms}: {row.nash_price:.3f} in competition, {row.monopoly_price:.3f} owned by "
        "one"
        for row in _records(frame)
    )
    return Chart(
        svg,
        f"Prices by number of products, theory as lines and the market's as points. {told}.",
        "Competition lowers the price with every firm; an owner of all raises it with every "
        "product. Lines: theory. Points: the market.",
    )


def firms_over_time(open_: dict[tuple[float, int], list[int]]) -> Chart:
    """Number of merchants by day, and what theory says they come to."""
    with styled():
        figure = Figure(figsize=(4.6, 3.0))
        axes = figure.add_axes((0.11, 0.16, 0.85, 0.72))
        axes.grid(visible=True)
        for exact in sorted({firms_of_free_entry(MU, cost) for cost, _ in open_}):
            axes.axhline(exact, color=GREY, linewidth=0.8, linestyle="--")
        colours = (ORANGE, RED, BLUE, SKY)
        for colour, ((cost, founders), by_day) in zip(colours, open_.items(), strict=True):
            axes.step(
                range(1, len(by_day) + 1),
                by_day,
                where="post",
                color=colour,
                label=f"F = {cost:g}, from {founders}",
            )
        axes.set_ylim(0, 10)
        axes.set_title("Firms under free entry and exit")
        axes.set_xlabel("day")
        axes.set_ylabel("firms")
        axes.legend(fontsize=8, frameon=False, ncols=2, loc="upper right")
        svg = as_svg(figure, "entry")
    told = "; ".join(
        f"fixed cost {cost:g}, from {founders} firms to {by_day[-1]}"
        for (cost, founders), by_day in open_.items()
    )
    return Chart(
        svg,
        f"Number of firms by day under free entry: {told}.",
        "Newcomers come while a further firm covers its fixed cost F, and firms at a loss leave. "
        "Dashed: 1 + mu/F in whole firms.",
    )


def _records(frame: pd.DataFrame) -> Sequence[pd.Series]:
    return [row for _, row in frame.iterrows()]
