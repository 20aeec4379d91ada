"""Price competition under logit demand: the market against closed forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.replications.logit_market import MU, LastDay, firms, last_day
from experiments.replications.logit_theory import Floats, Logit
from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell
from experiments.reporting.charts import BLUE, ORANGE, Chart, as_svg, styled

BOOK = (
    "closed form; Anderson, de Palma & Thisse (1992), Discrete Choice Theory of Product "
    "Differentiation, ch. 7"
)
LAMBERT = (
    "closed form with Lambert's W; Anderson, de Palma & Thisse (1992), ch. 7, and Aravindakshan & "
    "Ratchford (2011), Marketing Letters 22"
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
)

NUMBERS = (2, 3, 5)
TOLERANCE = 1e-4
UNEQUAL = Logit(np.array([2.0, 2.3, 1.8]), np.array([1.0, 1.2, 0.7]), MU)
NO_OUTSIDE = "consumers.choice.outside_utility=-40.0"


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
        total = 2 * len(NUMBERS) + 2
        rows: list[Row] = []
        prices = []
        for done, n in enumerate(NUMBERS):
            nash, joint = settle(study, alike(n)), settle(study, alike(n, one_owner=True))
            rows += nash_rows(n, nash) + monopoly_rows(n, joint)
            prices.append((n, nash.day.price.mean(), joint.day.price.mean()))
            tell(2 * done + 2, total)
        rows += unequal_rows(study)
        tell(total - 1, total)
        rows += without_outside_rows(study)
        tell(total, total)
        frame = pd.DataFrame(prices, columns=["firms", "nash_price", "monopoly_price"])
        return Outcome(tuple(rows), (prices_by_number(frame),), {"prices": frame})


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


def unequal_rows(study: Study) -> list[Row]:
    """Three firms of different cost and quality."""
    price = UNEQUAL.nash()
    settings = firms(UNEQUAL.a.tolist(), UNEQUAL.c.tolist(), [1.5, 1.5, 1.5])
    market = settle(study, settings, days=60)
    return [
        Row.close(
            f"price of a firm with value {value:g} and cost {cost:g}, among three unequal",
            float(one),
            float(ours),
            TOLERANCE,
            source=ROOTS,
            settings=market.settings,
        )
        for value, cost, one, ours in zip(
            UNEQUAL.a, UNEQUAL.c, price, market.day.price, strict=True
        )
    ]


def without_outside_rows(study: Study) -> list[Row]:
    """Nobody can do without: p = c + mu n/(n - 1)."""
    rows = []
    for n in NUMBERS:
        market = settle(study, alike(n), NO_OUTSIDE)
        price = 1.0 + MU * n / (n - 1)
        rows.append(
            Row.close(
                f"price without an outside option, n = {n}",
                price,
                farthest(market.day.price, np.full(n, price)),
                TOLERANCE,
                source=BOOK,
                settings=market.settings,
            )
        )
    return rows


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


def _records(frame: pd.DataFrame) -> Sequence[pd.Series]:
    return [row for _, row in frame.iterrows()]
