"""Rational misconduct: merchants weigh what cheating brings against the sanction that they expect.

A merchant that could cheat does so as long as its expected gain a day exceeds the expected cost of
sanctions a day of cheating, over that of a day of honesty: the perceived chance of detection times
the mean sanction, lost sales included. Both are learned from what befell it and others, with
forgetting, from a prior. An open case makes detection certain.

Source: Becker (1968), "Crime and punishment: an economic approach", Journal of Political Economy
76(2); perceptions formed from own experience and that of others: Sah (1991), "Social osmosis and
patterns of crime", Journal of Political Economy 99(6); wrongful sanctions weaken deterrence: Png
(1986), International Review of Law and Economics 6(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray
from policies.observations import WITHOUT_END
from sim.columns import NEVER
from sim.merchants.misconduct import tempted_by_wave
from sim.merchants.stocking import expected_sales

if TYPE_CHECKING:
    from sim.market import Marketplace
    from sim.settings.deterrence import DeterrenceSettings

AFTER_SANCTION, EXPECTED_SANCTION = "after_sanction", "expected_sanction"
"""The models: keep to the rules for a while after a sanction, or weigh gain against sanction."""

CLOSED_FOR_EVER_DAYS = 365
"""Days of earnings that a shop reckons to lose if it is closed for ever."""

HONEST, CHEATING = 0, 1


@dataclass(slots=True)
class Evidence:
    """What merchants have seen and heard, by what was done: row HONEST or CHEATING. M merchants."""

    days: NDArray[np.float64]  # (2, M) merchant-days, own and others', forgotten exponentially
    sanctioned: NDArray[np.float64]  # (2, M) of these with a sanction
    cost: NDArray[np.float64]  # (2, M) cents that these cost

    @staticmethod
    def none(merchants: int) -> Evidence:
        """Nothing seen yet."""
        return Evidence(*(np.zeros((2, merchants)) for _ in range(3)))

    def grow(self, merchants: int) -> None:
        """Make room for newcomers, who have seen nothing."""
        for name in ("days", "sanctioned", "cost"):
            old = getattr(self, name)
            new = np.zeros((2, merchants - old.shape[1]))
            setattr(self, name, np.concatenate([old, new], axis=1))


class Deterrence:
    """Who cheats, and what merchants expect to come of it. M merchants."""

    def __init__(self) -> None:
        """Nobody has opened yet."""
        self.evidence = Evidence.none(0)
        self.kind: BoolArray = np.zeros(0, dtype=np.bool_)  # (M,) of a kind that cheats
        self.could: BoolArray = np.zeros(0, dtype=np.bool_)  # (M,) or tempted by a wave today
        self.cheats: BoolArray = np.zeros(0, dtype=np.bool_)  # (M,) dares to today
        self.cheated_on: NDArray[np.int64] = np.zeros(0, dtype=np.int64)  # (M,) last day, or -1

    def grow(self, market: Marketplace) -> None:
        """Know the merchants that have opened since."""
        known, now = len(self.kind), len(market.merchants)
        if known == now:
            return
        new = market.merchants[known:]
        self.kind = np.append(self.kind, [bool(one.misconduct) for one in new])
        self.could = self.kind.copy()
        self.cheats = np.append(self.cheats, np.zeros(now - known, dtype=np.bool_))
        self.cheated_on = np.append(self.cheated_on, np.full(now - known, -1))
        self.evidence.grow(now)


def weigh(market: Marketplace) -> None:
    """Learn from yesterday's sanctions, and decide who keeps to the rules today."""
    state, settings = market.deterrence, market.settings.merchants.deterrence
    known = len(state.kind)
    state.grow(market)
    state.could = state.kind | tempted_by_wave(market)
    if settings.model == EXPECTED_SANCTION:
        struck, cost = _struck_yesterday(market)
        learn(state.evidence, state.cheats, _in_business(market), struck, cost, settings)
        _decide(market, known, struck)
    deterred = market.conduct.is_deterred(market.day)
    state.cheats = state.could & market.books.is_open & ~deterred
    state.cheated_on[state.cheats] = market.day


def learn(
    evidence: Evidence,
    cheats: BoolArray,
    is_open: BoolArray,
    struck: BoolArray,
    cost: FloatArray,
    settings: DeterrenceSettings,
) -> None:
    """Add a day to what merchants have seen: their own, and that of others whom they hear of.

    Args:
        evidence: what they have seen; changed in place.
        cheats: (M,) who cheated that day; in the trade it is known who does.
        is_open: (M,) who was in business.
        struck: (M,) who was sanctioned that day.
        cost: (M,) cents that it cost.
        settings: how much they hear and how fast they forget.
    """
    kept = 0.5 ** (1.0 / settings.forgetting_days)
    for table in (evidence.days, evidence.sanctioned, evidence.cost):
        table *= kept
    for row, acted in ((HONEST, is_open & ~cheats), (CHEATING, is_open & cheats)):
        own = acted.astype(np.float64)
        others = own.sum() - own
        heard = np.minimum(others, settings.peers) * is_open
        share = np.divide(heard, others, out=np.zeros(len(own)), where=others > 0)
        evidence.days[row] += own + heard
        for table, value in ((evidence.sanctioned, struck), (evidence.cost, cost)):
            mine = own * value
            table[row] += mine + share * (mine.sum() - mine)


def chance_of_detection(evidence: Evidence, settings: DeterrenceSettings) -> NDArray[np.float64]:
    """(M,) perceived chance that a day of cheating is sanctioned, in [0, 1]."""
    expected = settings.prior_days * settings.prior_detection + evidence.sanctioned[CHEATING]
    return _over(expected, settings.prior_days + evidence.days[CHEATING])


def expected_cost(
    evidence: Evidence, under_case: BoolArray, settings: DeterrenceSettings
) -> NDArray[np.float64]:
    """(M,) cents a day by which cheating is expected to cost more in sanctions than honesty.

    Args:
        evidence: what merchants have seen.
        under_case: (M,) whether the regulator will look at them again, so that they are sure to be
            found.
        settings: their priors.
    """
    prior = settings.prior_days * settings.prior_detection
    cost = prior * settings.prior_sanction * 100.0 + evidence.cost[CHEATING]
    a_day = _over(cost, settings.prior_days + evidence.days[CHEATING])
    each = _over(cost, prior + evidence.sanctioned[CHEATING])
    honest = _over(evidence.cost[HONEST], settings.prior_days + evidence.days[HONEST])
    return np.where(under_case, np.maximum(each, a_day), a_day) - honest


def gain_from_cheating(market: Marketplace) -> NDArray[np.float64]:
    """(M,) cents a day that merchants expect to gain by cheating.

    A share of their recent sales, which merchants judge differently; counterfeiters know besides
    what the cheaper goods save them.
    """
    listings, settings = market.listings, market.settings.merchants
    units = expected_sales(listings, market.day)
    merchants = len(market.books)
    sales = np.bincount(listings.merchant, units * listings.price, minlength=merchants)
    spread = market.streams.normal("gain_from_cheating", 0, np.arange(merchants))
    deterrence, misconduct = settings.deterrence, settings.misconduct
    gain: NDArray[np.float64] = (
        deterrence.gain_share * np.exp(deterrence.gain_log_sd * spread) * sales
    )
    fakers = market.conduct.of_kind("counterfeit")
    saved = max(1.0 - misconduct.counterfeit_cost - misconduct.counterfeit_price_cut, 0.0)
    goods = np.bincount(listings.merchant, units * listings.genuine_cost, minlength=merchants)
    return gain + fakers * saved * goods


def _decide(market: Marketplace, known: int, struck: BoolArray) -> None:
    """Those whose turn it is, who are new, or with whom the regulator has business, think again."""
    state, settings = market.deterrence, market.settings.merchants.deterrence
    rows = np.arange(len(state.could))
    under_case = np.zeros(len(rows), dtype=np.bool_)
    accused = market.cases["merchant"][market.cases["closed_on"] < 0]
    under_case[accused[accused >= 0]] = True
    turn = (market.day + rows) % settings.review_days == 0
    turn |= under_case | struck | (rows >= known)
    turn &= state.could & market.books.is_open
    cost = expected_cost(state.evidence, under_case, settings)
    fears = cost > gain_from_cheating(market)
    for row in np.flatnonzero(turn).tolist():
        market.merchants[row].deterred_until = NEVER if fears[row] else 0


def _struck_yesterday(market: Marketplace) -> tuple[BoolArray, NDArray[np.float64]]:
    """(M,) whether yesterday brought a sanction, and (M,) cents that it costs, lost sales included.

    Whoever decided: the platform takes counterfeits off sale.
    """
    table, count = market.sanctions, len(market.books)
    first = table.first_since(market.day - 1)
    rows = np.arange(first, len(table))
    rows = rows[table["merchant"][rows] >= 0]
    merchant, days = table["merchant"][rows], table["days"][rows]
    endless = np.where(table["listing"][rows] < 0, CLOSED_FOR_EVER_DAYS, 1)
    days = np.where(days == WITHOUT_END, endless, days)
    lost = np.maximum(table["margin"][rows], 0.0) * days
    paid = table["fine"][rows] + table["restitution"][rows]
    struck = np.zeros(count, dtype=np.bool_)
    struck[merchant] = True
    cost = np.bincount(merchant, lost + paid, minlength=count).astype(np.float64)
    return struck, cost


def _in_business(market: Marketplace) -> BoolArray:
    """(M,) who was open yesterday."""
    books = market.books
    open_yesterday: BoolArray = (books.opened_on < market.day) & (
        (books.closed_on < 0) | (books.closed_on >= market.day)
    )
    return open_yesterday


def _over(part: FloatArray, whole: FloatArray) -> NDArray[np.float64]:
    whole = np.broadcast_to(whole, np.shape(part))
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)
