"""Subsidies in the logit duopoly: who gains, where welfare is largest. The designer's oracle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.optimize import brentq

from experiments.replications.logit_market import CURRENCY, LastDay, last_day
from experiments.replications.logit_theory import Floats, Logit, best_subsidy, welfare_with_subsidy
from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell
from experiments.reporting.charts import BLUE, GREY, ORANGE, RED, Chart, as_svg, styled

SOURCE = (
    "first-order conditions p - (c - s)/(1 - tau) = mu/(1 - q) of the logit duopoly of Anderson, "
    "de Palma & Thisse (1992), ch. 7, by a root finder"
)
INCIDENCE = "a unit subsidy bears on the same equation whoever is paid: Weyl & Fabinger (2013), JPE"

METHOD = (
    (
        "The duopoly of logit_bertrand, with two merchants that answer each other's prices. The "
        "platform subsidises every unit sold: of both merchants by the policy flat, or of the "
        "first alone by the policy targeted, for which the first counts as small. Or it takes a "
        "commission. Prices settle for 40 days; the last is read."
    ),
    (
        "Welfare is consumer surplus and profits, less what the subsidies cost. It is largest, for "
        "both, where the net price falls to cost: what the firms' margin takes away, the subsidy "
        "gives back. A subsidy for one firm alone pays up to a point and then does harm, while "
        "consumers gain all the way and the rival only loses: the indicators disagree, and a cap "
        "must weigh them. The best subsidy is the top of a polynomial through the market's own "
        "welfare at several subsidies."
    ),
)

BOTH, FIRST = np.array([1.0, 1.0]), np.array([1.0, 0.0])
DUOPOLY = Logit.symmetric(2)
TOLERANCE = 1e-4
TOLERANCE_OF_BEST = 1e-3

BOTH_AT = (0.0, 0.1, 0.2, 0.4, 0.45, 0.475, 0.5, 0.525, 0.55, 0.6)
FIRST_AT = (0.0, 0.1, 0.15, 0.175, 0.2, 0.225, 0.25, 0.3, 0.4, 0.45, 0.475, 0.5)
COMMISSIONS = (0.1, 0.2)

REACH = 0.101
"""How far from its middle a polynomial is fitted."""


def subsidised(s: float, *, to_seller: bool, first_alone: bool = False) -> tuple[str, ...]:
    """`KEY=VALUE` for a subsidy of `s` units of theory a unit sold."""
    chosen = (
        (
            'policies.subsidy.name="targeted"',
            'policies.subsidy.recipients="small_merchants"',
            "merchants.small_share=0.5",
            "merchants.large_share=0.0",
        )
        if first_alone
        else ('policies.subsidy.name="flat"',)
    )
    return (
        *chosen,
        f"policies.subsidy.amount={s * CURRENCY:.2f}",
        f"policies.subsidy.to_seller={str(to_seller).lower()}",
    )


def settled(study: Study, *settings: str) -> LastDay:
    """The last day of a duopoly whose prices have converged."""
    market = study.lived(*settings)
    day = last_day(market)
    market.end()
    return day


class SubsidyDuopoly:
    """Incidence, profits, surplus and welfare of subsidies and commissions."""

    name: ClassVar[str] = "subsidy_duopoly"
    title: ClassVar[str] = "Subsidies and commissions in a duopoly do what theory says"
    scenario: ClassVar[str] = "duopoly"
    source: ClassVar[str] = (
        "Subsidies in logit-Bertrand competition, exact: the equilibrium of Anderson, de Palma & "
        "Thisse (1992) with costs less subsidies, and costs over what a commission leaves."
    )
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 0

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Settle every market and hold it against the equilibrium."""
        total = len(BOTH_AT) + 2 + len(FIRST_AT) + len(COMMISSIONS)
        done = 0

        def run(*settings: str) -> LastDay:
            nonlocal done
            day = settled(study, *settings)
            done += 1
            tell(done, total)
            return day

        both = {s: run(*subsidised(s, to_seller=True)) for s in BOTH_AT}
        rows = both_rows(both, {s: run(*subsidised(s, to_seller=False)) for s in (0.1, 0.2)})
        first = {s: run(*subsidised(s, to_seller=True, first_alone=True)) for s in FIRST_AT}
        rows += first_rows(first)
        rows += commission_rows({t: run(f"platform.commission={t}") for t in COMMISSIONS})
        charts = (
            _chart(both, "both", "Both firms subsidised", BOTH, "profit of a firm"),
            _chart(first, "one", "One firm alone subsidised", FIRST, "its rival's profit"),
            _chart_of_welfare(both, first),
        )
        frames = {"both": _frame(both), "one": _frame(first)}
        return Outcome(tuple(rows), charts, frames)


def both_rows(to_seller: dict[float, LastDay], to_buyer: dict[float, LastDay]) -> list[Row]:
    """Both firms subsidised: each value, who is paid, and the best subsidy.

    Args:
        to_seller: the market's last day by subsidy, paid to sellers.
        to_buyer: the same, taken off the buyers' price.
    """
    rows = [
        _row(
            "welfare without subsidy",
            welfare_with_subsidy(DUOPOLY, 0.0 * BOTH),
            to_seller[0.0].welfare,
            subsidised(0.0, to_seller=True),
        )
    ]
    for s, buyer in to_buyer.items():
        seller, price = to_seller[s], DUOPOLY.nash(s)
        share = DUOPOLY.shares(price)
        for whom, day in (("sellers", seller), ("buyers", buyer)):
            settings = subsidised(s, to_seller=whom == "sellers")
            profit = float((price - 1.0 + s)[0] * share[0])
            found = (
                ("net price", price[0], day.net_price[0]),
                ("profit a firm", profit, day.profit[0]),
                ("consumer surplus", DUOPOLY.surplus(price), day.surplus),
                ("bill", s * float(share.sum()), day.bill),
            )
            rows += [
                _row(f"{what}, s = {s} to {whom}", float(exact), float(ours), settings)
                for what, exact, ours in found
            ]
        rows.append(
            Row.close(
                f"net price, s = {s}: paid to buyers less paid to sellers",
                0.0,
                float(np.abs(buyer.net_price - seller.net_price).max()),
                2e-5,
                source=INCIDENCE,
                settings=subsidised(s, to_seller=False),
            )
        )
    best = best_subsidy(DUOPOLY, BOTH)
    top = top_of(to_seller, near=0.5)
    curve = _curve(to_seller, lambda day: day.welfare, near=0.5)
    net = _curve(to_seller, lambda day: float(day.net_price.mean()), near=0.5)
    rows += [
        _best_row("subsidy at which welfare is largest, both firms", best, top),
        _row("largest welfare, both firms", welfare_with_subsidy(DUOPOLY, best * BOTH), curve(top)),
        Row.close(
            "net price where welfare is largest (cost is 1)",
            1.0,
            net(top),
            TOLERANCE_OF_BEST,
            source=SOURCE,
        ),
    ]
    return rows


def first_rows(by_subsidy: dict[float, LastDay]) -> list[Row]:
    """One firm alone subsidised, as from a war chest.

    Args:
        by_subsidy: the market's last day by subsidy.
    """
    rows = []
    for s in (0.1, 0.2, 0.5):
        day, price = by_subsidy[s], DUOPOLY.nash(s * FIRST)
        profit = (price - 1.0 + s * FIRST) * DUOPOLY.shares(price)
        settings = subsidised(s, to_seller=True, first_alone=True)
        found = (
            ("its net price", price[0], day.price[0]),
            ("its rival's price", price[1], day.price[1]),
            ("its profit", profit[0], day.profit[0]),
            ("its rival's profit", profit[1], day.profit[1]),
            ("consumer surplus", DUOPOLY.surplus(price), day.surplus),
        )
        rows += [
            _row(f"{what}, s = {s} to one firm", float(exact), float(ours), settings)
            for what, exact, ours in found
        ]
    start = welfare_with_subsidy(DUOPOLY, 0.0 * FIRST)
    back = brentq(lambda s: welfare_with_subsidy(DUOPOLY, s * FIRST) - start, 0.3, 0.9)
    ours = back_at_start(by_subsidy, near=0.45)
    rival = [float(by_subsidy[s].profit[1]) for s in sorted(by_subsidy)]
    rows += [
        _best_row(
            "subsidy at which welfare is largest, one firm",
            best_subsidy(DUOPOLY, FIRST),
            top_of(by_subsidy, near=0.2),
        ),
        _best_row("subsidy that brings welfare back to its start, one firm", float(back), ours),
        Row.above_zero(
            "least fall of the rival's profit from one subsidy to the next",
            "falls all the way",
            float(-np.diff(rival).max()),
            source=SOURCE,
        ),
    ]
    return rows


def commission_rows(by_commission: dict[float, LastDay]) -> list[Row]:
    """A share of the price goes to the platform.

    Args:
        by_commission: the market's last day by commission.
    """
    rows = []
    for tau, day in by_commission.items():
        price = DUOPOLY.nash(commission=tau)
        revenue = tau * float((price * DUOPOLY.shares(price)).sum())
        found = (
            ("price", price[0], day.price[0]),
            ("platform's revenue", revenue, day.commission),
            ("consumer surplus", DUOPOLY.surplus(price), day.surplus),
        )
        rows += [
            _row(
                f"{what}, commission {tau}",
                float(exact),
                float(ours),
                (f"platform.commission={tau}",),
            )
            for what, exact, ours in found
        ]
    return rows


def top_of(by_subsidy: dict[float, LastDay], *, near: float) -> float:
    """The subsidy at the top of the polynomial through the market's welfare around `near`."""
    grid = np.linspace(near - REACH, near + REACH, 20_001)
    return float(grid[np.argmax(_curve(by_subsidy, lambda day: day.welfare, near=near)(grid))])


def back_at_start(by_subsidy: dict[float, LastDay], *, near: float) -> float:
    """The subsidy around `near` at which the market's welfare is what it was without; or nan."""
    curve = _curve(by_subsidy, lambda day: day.welfare, near=near) - by_subsidy[0.0].welfare
    found = [
        float(root.real)
        for root in np.atleast_1d(curve.roots())
        if abs(root.imag) < 1e-9 and abs(root.real - near) < REACH
    ]
    return found[0] if len(found) == 1 else float("nan")


def _curve(
    by_subsidy: dict[float, LastDay], value: Callable[[LastDay], float], *, near: float
) -> np.polynomial.Polynomial:
    """A cubic through a value of the market at the subsidies around `near`."""
    s = [one for one in by_subsidy if abs(one - near) < REACH]
    return np.polynomial.Polynomial.fit(s, [value(by_subsidy[one]) for one in s], 3)


def _row(quantity: str, exact: float, ours: float, settings: Sequence[str] = ()) -> Row:
    return Row.close(quantity, exact, ours, TOLERANCE, source=SOURCE, settings=settings, digits=5)


def _best_row(quantity: str, exact: float, ours: float) -> Row:
    return Row.close(quantity, exact, ours, TOLERANCE_OF_BEST, source=SOURCE, digits=4)


def _frame(by_subsidy: dict[float, LastDay]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subsidy": s,
            "net_price_first": day.net_price[0],
            "net_price_second": day.net_price[1],
            "profit_first": day.profit[0],
            "profit_second": day.profit[1],
            "consumer_surplus": day.surplus,
            "bill": day.bill,
            "welfare": day.welfare,
        }
        for s, day in by_subsidy.items()
    )


def _chart(days: dict[float, LastDay], key: str, title: str, given_to: Floats, other: str) -> Chart:
    """Changes against no subsidy: theory as lines, the market as points, the best one dashed."""
    grid = [max(days) * step / 40 for step in range(41)]
    prices = [DUOPOLY.nash(s * given_to) for s in grid]
    profits = [
        float(((p - 1.0 + s * given_to) * DUOPOLY.shares(p))[1])
        for s, p in zip(grid, prices, strict=True)
    ]
    lines: tuple[tuple[str, str, Sequence[float], list[float]], ...] = (
        (
            "consumer surplus",
            ORANGE,
            [DUOPOLY.surplus(p) for p in prices],
            [day.surplus for day in days.values()],
        ),
        (
            "welfare",
            BLUE,
            [welfare_with_subsidy(DUOPOLY, s * given_to) for s in grid],
            [day.welfare for day in days.values()],
        ),
        (other, RED, profits, [float(day.profit[1]) for day in days.values()]),
    )
    best = best_subsidy(DUOPOLY, given_to)
    with styled():
        figure = Figure(figsize=(4.6, 3.0))
        axes = figure.add_axes((0.155, 0.16, 0.81, 0.72))
        axes.grid(visible=True)
        for name, colour, theory, market in lines:
            axes.plot(grid, np.array(theory) - theory[0], color=colour, label=name)
            axes.plot(list(days), np.array(market) - market[0], "o", color=colour, markersize=3.5)
        axes.axvline(best, color=BLUE, linewidth=0.8, linestyle="--")
        axes.axhline(0.0, color=GREY, linewidth=0.8)
        axes.set_title(title)
        axes.set_xlabel("subsidy a unit (cost is 1)")
        axes.set_ylabel("change a buyer")
        axes.legend(fontsize=8, frameon=False)
        svg = as_svg(figure, key)
    told = "; ".join(
        f"{name} {market[0]:.3f} without, {market[-1]:.3f} with a subsidy of {max(days):g}"
        for name, _, _, market in lines
    )
    return Chart(
        svg,
        f"{title}: {told}. Welfare is largest at {best:.3f}.",
        "Lines: theory. Points: the market. Dashed: where welfare is largest.",
    )


def _chart_of_welfare(both: dict[float, LastDay], first: dict[float, LastDay]) -> Chart:
    """Welfare alone, on a scale on which its tops can be seen."""
    parts = (
        ("both firms", BLUE, BOTH, both),
        ("one firm", RED, FIRST, first),
    )
    start = welfare_with_subsidy(DUOPOLY, 0.0 * BOTH)
    with styled():
        figure = Figure(figsize=(4.6, 3.0))
        axes = figure.add_axes((0.155, 0.16, 0.81, 0.72))
        axes.grid(visible=True)
        for name, colour, given_to, days in parts:
            grid = [max(days) * step / 40 for step in range(41)]
            theory = [welfare_with_subsidy(DUOPOLY, s * given_to) - start for s in grid]
            market = [day.welfare - days[0.0].welfare for day in days.values()]
            axes.plot(grid, theory, color=colour, label=name)
            axes.plot(list(days), market, "o", color=colour, markersize=3.5)
            best = best_subsidy(DUOPOLY, given_to)
            axes.axvline(best, color=colour, linewidth=0.8, linestyle="--")
        axes.axhline(0.0, color=GREY, linewidth=0.8)
        axes.set_title("Welfare")
        axes.set_xlabel("subsidy a unit (cost is 1)")
        axes.set_ylabel("change a buyer")
        axes.legend(fontsize=8, frameon=False)
        svg = as_svg(figure, "welfare")
    told = "; ".join(
        f"{name}: largest at {best_subsidy(DUOPOLY, given_to):.3f}"
        for name, _, given_to, _ in parts
    )
    return Chart(
        svg,
        f"Change of welfare by subsidy. Subsidised {told}.",
        "Lines: theory. Points: the market. Dashed: where welfare is largest.",
    )
