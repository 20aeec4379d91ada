"""Indicators of enforcement: who cheats, who is found, what errors cost honest merchants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from sim.cases import Outcome
from sim.health.formulas import mean, precision_recall, share
from sim.health.indicator import Indicator
from sim.health.today import last_days, rows_since, transfers_today
from sim.ledger import Owner, Purpose
from sim.merchants.deterrence import EXPECTED_SANCTION, chance_of_detection
from sim.sanctioning import Issuer, Measure, first_day_free

if TYPE_CHECKING:
    from sim.market import Marketplace

LOSING = (Measure.DELIST, Measure.CLOSE, Measure.DEMOTE)
"""Sanctions that cost sales as long as they last."""


def inspections(market: Marketplace) -> float:
    """Inspections that the regulator made today, those of open cases included."""
    return float(market.today.inspections)


def cheating_share(market: Marketplace) -> float:
    """Open merchants that cheat, or would if they could today, among all."""
    return mean(market.deterrence.cheats[market.books.is_open])


def deterred_share(market: Marketplace) -> float:
    """Of the open merchants that could cheat, those that sanctions, or fear of them, stop."""
    could = market.deterrence.could & market.books.is_open
    return mean(~market.deterrence.cheats[could])


def perceived_detection(market: Marketplace) -> float:
    """How likely those who could cheat think it that a day of cheating is sanctioned."""
    settings = market.settings.merchants.deterrence
    if settings.model != EXPECTED_SANCTION:
        return float("nan")
    could = market.deterrence.could & market.books.is_open
    return mean(chance_of_detection(market.deterrence.evidence, settings)[could])


def regulator_precision(market: Marketplace) -> float:
    """Culprits among the merchants that the regulator sanctioned in the last 28 days."""
    accused, rightly = _accused(market)
    return precision_recall(accused, rightly)[0]


def regulator_recall(market: Marketplace) -> float:
    """Of the merchants that cheated in the last 28 days, those that it rightly sanctioned."""
    _, rightly = _accused(market)
    cheated = market.deterrence.cheated_on >= max(last_days(market), 0)
    return precision_recall(rightly, cheated)[1]


def cured_share(market: Marketplace) -> float:
    """Cases closed in the last 28 days that were found in order when looked at again."""
    outcome = market.cases["outcome"][_closed_lately(market)]
    return mean(outcome[outcome != Outcome.LAPSED] == Outcome.CURED)


def cure_days(market: Marketplace) -> float:
    """How long what was found in order in the last 28 days had been under a case."""
    table, rows = market.cases, _closed_lately(market)
    rows = rows[table["outcome"][rows] == Outcome.CURED]
    return mean(table["closed_on"][rows] - table["day"][rows])


def wrongful_sanctions(market: Marketplace) -> float:
    """Sanctions of today, by regulator and platform, against merchants that had done no wrong."""
    table = market.sanctions
    return float(table["wrongful"][rows_since(table, market.day)].sum())


def wrongful_bans(market: Marketplace) -> float:
    """Listings off sale today by a wrongful sanction, each day of each counted once."""
    table, rows = market.sanctions, _wrongful_in_force(market)
    rows = rows[table["kind"][rows] != Measure.DEMOTE]
    owner, delisted = market.listings.merchant, np.zeros(len(market.listings), dtype=np.bool_)
    listing = table["listing"][rows]
    delisted[listing[listing >= 0]] = True
    closed = table["merchant"][rows[listing < 0]]
    return float((delisted | np.isin(owner, closed)).sum())


def wrongful_lost_sales(market: Marketplace) -> float:
    """What honest merchants would sell today by recent sales but for wrongful sanctions."""
    rows = _wrongful_in_force(market)
    return float(market.sanctions["sales"][rows].sum()) / 100.0


def wrongful_lost_margin(market: Marketplace) -> float:
    """What honest merchants would earn on these sales, less commission and unit costs."""
    rows = _wrongful_in_force(market)
    return float(market.sanctions["margin"][rows].sum()) / 100.0


def fines_paid_back(market: Marketplace) -> float:
    """Fines paid back today to merchants that won their appeal."""
    treasury = market.ledger.account(Owner.TREASURY)
    back = transfers_today(market, "purpose") == Purpose.FINE
    back &= transfers_today(market, "payer") == treasury
    return float(transfers_today(market, "amount")[back].sum()) / 100.0


def restitution(market: Marketplace) -> float:
    """What buyers who had overpaid got back from merchants today."""
    given_back = [market.ledger.account(one) for one in (Owner.OUTSIDE, Owner.PLATFORM)]
    given = transfers_today(market, "purpose") == Purpose.RESTITUTION
    given &= ~np.isin(transfers_today(market, "payer"), given_back)
    return float(transfers_today(market, "amount")[given].sum()) / 100.0


def wrongful_cost_share(market: Marketplace) -> float:
    """Of the sales that sanctions take from merchants today, those taken from honest ones."""
    rows = _in_force(market)
    table = market.sanctions
    lost = float(table["sales"][rows].sum())
    return share(float(table["sales"][rows[table["wrongful"][rows]]].sum()), lost)


def _accused(market: Marketplace) -> tuple[BoolArray, BoolArray]:
    """(M,) sanctioned by the regulator in the last 28 days, and (M,) of these rightly."""
    table, merchants = market.sanctions, len(market.books)
    recent = rows_since(table, last_days(market))
    merchant = table["merchant"][recent]
    by_regulator = (table["issuer"][recent] == Issuer.REGULATOR) & (merchant >= 0)
    accused, rightly = np.zeros((2, merchants), dtype=np.bool_)
    accused[merchant[by_regulator]] = True
    rightly[merchant[by_regulator & ~table["wrongful"][recent]]] = True
    return accused, rightly


def _closed_lately(market: Marketplace) -> NDArray[np.int64]:
    return np.flatnonzero(market.cases["closed_on"] >= max(last_days(market), 0))


def _in_force(market: Marketplace) -> NDArray[np.int64]:
    """(n,) sanctions that cost an open shop sales today; of two bans on one thing the first."""
    table, day = market.sanctions, market.day
    end = first_day_free(table["day"], table["days"], table["issuer"])
    begun = table["day"] + (table["issuer"] == Issuer.PLATFORM) <= day
    standing = begun & (day < end) & ~table["overturned"] & (table["merchant"] >= 0)
    rows = np.flatnonzero(standing & np.isin(table["kind"], LOSING))
    rows = rows[market.books.is_open[table["merchant"][rows]]]
    demoted = table["kind"][rows] == Measure.DEMOTE
    what = np.stack([table["merchant"][rows], table["listing"][rows], demoted], axis=1)
    _, first = np.unique(what, axis=0, return_index=True)
    distinct: NDArray[np.int64] = rows[np.sort(first)]
    return distinct


def _wrongful_in_force(market: Marketplace) -> NDArray[np.int64]:
    rows = _in_force(market)
    wrongful: NDArray[np.int64] = rows[market.sanctions["wrongful"][rows]]
    return wrongful


INDICATORS = (
    Indicator(
        "inspections", "safety", "listings a day", "none",
        "inspections made, one a listing or a case about a whole shop", "definition", inspections,
    ),
    Indicator(
        "cheating_share", "safety", "share of merchants", "lower",
        "open merchants of a kind of misconduct that are not deterred / open (hidden truth)",
        "Becker 1968", cheating_share,
    ),
    Indicator(
        "deterred_share", "safety", "share of merchants", "higher",
        "deterred today / open merchants of a kind of misconduct (hidden truth)",
        "Becker 1968", deterred_share,
    ),
    Indicator(
        "perceived_detection", "safety", "chance a day", "none",
        "mean of (n0 p0 + sanctioned days) / (n0 + days) seen of cheats, forgotten exponentially",
        "Sah 1991", perceived_detection,
    ),
    Indicator(
        "regulator_precision", "safety", "share", "higher",
        "rightly / all merchants sanctioned by the regulator in 28 days (hidden truth)",
        "Manning, Raghavan & Schütze 2008", regulator_precision,
    ),
    Indicator(
        "regulator_recall", "safety", "share", "higher",
        "rightly sanctioned by the regulator / merchants that cheated, 28 days (hidden truth)",
        "Manning, Raghavan & Schütze 2008", regulator_recall,
    ),
    Indicator(
        "cured_share", "safety", "share of cases", "higher",
        "found in order / looked at again, cases closed in 28 days", "Ayres & Braithwaite 1992",
        cured_share,
    ),
    Indicator(
        "cure_days", "safety", "days", "lower",
        "mean of day found in order - day of sanction, closed in 28 days", "definition", cure_days,
    ),
    Indicator(
        "wrongful_sanctions", "safety", "sanctions a day", "lower",
        "sanctions of today without wrongdoing (hidden truth)", "definition", wrongful_sanctions,
    ),
    Indicator(
        "wrongful_bans", "safety", "listings", "lower",
        "listings off sale by a wrongful sanction (hidden truth); over days: listing-days",
        "definition", wrongful_bans,
    ),
    Indicator(
        "wrongful_lost_sales", "safety", "currency a day", "lower",
        "sum of recent sales a day, as of the decision, under wrongful sanctions (hidden truth)",
        "Png 1986 (cost of judicial error)", wrongful_lost_sales,
    ),
    Indicator(
        "wrongful_lost_margin", "safety", "currency a day", "lower",
        "sum of these sales - commission - unit costs (hidden truth)",
        "Png 1986 (cost of judicial error)", wrongful_lost_margin,
    ),
    Indicator(
        "wrongful_cost_share", "safety", "share of sales", "lower",
        "sales lost to wrongful sanctions / sales lost to sanctions (hidden truth)",
        "Png 1986 (cost of judicial error)", wrongful_cost_share,
    ),
    Indicator(
        "fines_paid_back", "safety", "currency a day", "lower",
        "fines transferred from the treasury to merchants today", "definition", fines_paid_back,
    ),
    Indicator(
        "restitution", "safety", "currency a day", "none",
        "transferred from merchants to buyers who overpaid, today", "definition", restitution,
    ),
)  # fmt: skip
