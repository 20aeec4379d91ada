"""Price series whose truth is known: ordinary ones, and six kinds of abnormal move among them.

What is ordinary must not be flagged: weekly repricing, slow wandering, promotions, sales of a whole
category, costs that a category passes on seller by seller, and sellers that come late. The
magnitudes are assumptions, stated here and changeable; no data set of prices with known misconduct
is public.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray

KINDS = (
    "sudden_rise",
    "slow_drift",
    "raise_then_cut",
    "gouging",
    "plunge",
    "coordinated_rise",
)
"""The kinds of abnormal move."""

ORDINARY = -1
"""Stands for no kind of abnormal move."""

WEEK = 7

RING = (3, 5)
"""Fewest and most sellers of a category that raise their prices together."""


@dataclass(frozen=True, slots=True)
class OrdinaryLife:
    """What happens to prices without any misconduct. Sizes are in log points."""

    weekly_sd: float = 0.02  # of a listing's price in a week, around its usual level
    wander_sd: float = 0.03  # of the usual level in the long run
    wander_memory: float = 0.95  # share of its deviation left after a week
    promotions_a_year: float = 4.0  # of one listing
    promotion_depth: tuple[float, float] = (0.05, 0.20)
    promotion_days: tuple[int, int] = (3, 10)
    shocks_a_year: float = 2.0  # of a category's costs
    shock_size: tuple[float, float] = (0.08, 0.30)  # up or down
    shock_days: int = 10  # within which each seller passes it on, on a day of its own
    pass_through: tuple[float, float] = (0.8, 1.2)
    sales_a_year: float = 2.0  # of a whole category
    sale_share: float = 0.8  # of its listings that take part
    entrants: float = 0.2  # share of listings that come later than the first day


@dataclass(frozen=True, slots=True)
class AbnormalMoves:
    """How large and how long the abnormal moves are. Sizes are in log points."""

    sudden_rise: tuple[float, float] = (0.25, 0.60)
    slow_drift: tuple[float, float] = (0.30, 0.50)
    drift_days: tuple[int, int] = (60, 100)
    raise_before_cut: tuple[float, float] = (0.25, 0.45)
    days_before_cut: tuple[int, int] = (5, 20)
    gouging: tuple[float, float] = (0.30, 1.00)  # beyond what costs explain
    emergency_cost: float = 0.10  # rise of the whole category's costs in an emergency
    emergency_days: tuple[int, int] = (14, 40)
    plunge: tuple[float, float] = (0.30, 0.60)  # down
    plunge_days: tuple[int, int] = (30, 60)
    coordinated_rise: tuple[float, float] = (0.25, 0.50)


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """n series of T days, and the truth about them."""

    price: IntArray  # (T, n) cents; 0: not listed yet
    category: IntArray  # (n,)
    kind: IntArray  # (n,) place in KINDS, or ORDINARY
    begins: IntArray  # (n,) first day of the abnormal move; T: there is none
    ends: IntArray  # (n,) day after its last; T: it lasts, or there is none


def generate(
    rng: np.random.Generator,
    categories: int = 24,
    listings: int = 40,
    days: int = 450,
    abnormal: float = 0.15,
    life: OrdinaryLife | None = None,
    moves: AbnormalMoves | None = None,
    quiet_days: int = 120,
) -> PriceSeries:
    """Series of several categories, some of which move abnormally once.

    Args:
        rng: chance.
        categories: number of categories.
        listings: series a category.
        days: T.
        abnormal: share of the listings that move abnormally, below one half so that peers are
            ordinary; each kind is as frequent as the others, up to rounding.
        life: ordinary life of prices; None: the defaults.
        moves: abnormal moves; None: the defaults.
        quiet_days: days at the start on which no abnormal move begins; a quarter as many at the
            end, and a drift has the time to run its course.

    Raises:
        ValueError: if the share is out of range or the days leave no room for moves.
    """
    if not 0.0 <= abnormal < 0.5:
        raise ValueError(f"abnormal must be in [0, 0.5), not {abnormal}")
    if days <= quiet_days * 5 // 4:
        raise ValueError(f"days must exceed 1.25 x quiet_days = {quiet_days * 5 // 4}, not {days}")
    life, moves = life or OrdinaryLife(), moves or AbnormalMoves()
    n = categories * listings
    category = np.repeat(np.arange(categories), listings)
    log_price = rng.normal(3.0, 0.8, categories)[category] + rng.normal(0.0, 0.4, n)
    log_price = log_price + _repricing(rng, days, n, life) - _promotions(rng, days, n, life)
    log_price += _shocks(rng, days, category, life) - _sales(rng, days, category, life)
    kind = np.full(n, ORDINARY)
    begins, ends = np.full(n, days), np.full(n, days)
    _misbehave(rng, log_price, category, kind, begins, ends, moves, abnormal, quiet_days)
    price = np.maximum(np.rint(np.exp(log_price) * 100.0), 1.0).astype(np.int64)
    late = (rng.random(n) < life.entrants) & (kind == ORDINARY)
    listed_on = np.where(late, rng.integers(0, days * 2 // 3, n), 0)
    price[np.arange(days)[:, None] < listed_on] = 0
    return PriceSeries(price, category, kind, begins, ends)


def _repricing(rng: np.random.Generator, days: int, n: int, life: OrdinaryLife) -> FloatArray:
    """(T, n): each listing is priced anew on a weekday of its own, around a wandering level."""
    weeks = days // WEEK + 2
    level = rng.normal(0.0, life.wander_sd, n)
    step_sd = life.wander_sd * np.sqrt(1.0 - life.wander_memory**2)
    weekly = np.empty((weeks, n))
    for week in range(weeks):
        level = life.wander_memory * level + rng.normal(0.0, step_sd, n)
        weekly[week] = level + rng.normal(0.0, life.weekly_sd, n)
    week_of = (np.arange(days)[:, None] + rng.integers(0, WEEK, n)) // WEEK
    daily: FloatArray = np.take_along_axis(weekly, week_of, axis=0)
    return daily


def _promotions(rng: np.random.Generator, days: int, n: int, life: OrdinaryLife) -> FloatArray:
    """(T, n) log points off."""
    count = rng.poisson(life.promotions_a_year * days / 365.0, n)
    off = np.zeros((days, n))
    for listing in np.repeat(np.arange(n), count).tolist():
        _hold(rng, off[:, listing], life)
    return off


def _sales(
    rng: np.random.Generator, days: int, category: IntArray, life: OrdinaryLife
) -> FloatArray:
    """(T, n) log points off in sales of whole categories."""
    off = np.zeros((days, len(category)))
    for one in range(int(category.max()) + 1):
        members = np.flatnonzero(category == one)
        for _ in range(rng.poisson(life.sales_a_year * days / 365.0)):
            common = np.zeros(days)
            _hold(rng, common, life)
            takes_part = members[rng.random(len(members)) < life.sale_share]
            off[:, takes_part] = np.maximum(off[:, takes_part], common[:, None])
    return off


def _hold(rng: np.random.Generator, off: FloatArray, life: OrdinaryLife) -> None:
    """Write one promotion into (T,) log points off."""
    start = rng.integers(0, len(off))
    end = start + rng.integers(life.promotion_days[0], life.promotion_days[1] + 1)
    off[start:end] = np.maximum(off[start:end], rng.uniform(*life.promotion_depth))


def _shocks(
    rng: np.random.Generator, days: int, category: IntArray, life: OrdinaryLife
) -> FloatArray:
    """(T, n) costs that sellers pass on, each on a day of its own and to an extent of its own."""
    day = np.arange(days)[:, None]
    moved = np.zeros((days, len(category)))
    for one in range(int(category.max()) + 1):
        members = np.flatnonzero(category == one)
        for _ in range(rng.poisson(life.shocks_a_year * days / 365.0)):
            size = rng.choice([-1.0, 1.0]) * rng.uniform(*life.shock_size)
            start = rng.integers(0, days) + rng.integers(0, life.shock_days + 1, len(members))
            extent = rng.uniform(*life.pass_through, len(members))
            moved[:, members] += np.where(day >= start, size * extent, 0.0)
    return moved


def _misbehave(
    rng: np.random.Generator,
    log_price: FloatArray,
    category: IntArray,
    kind: NDArray[np.int64],
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    moves: AbnormalMoves,
    abnormal: float,
    quiet_days: int,
) -> None:
    """Let a share of the listings move abnormally, each kind as often as the others."""
    days, n = log_price.shape
    wanted = round(abnormal * n)
    budget = {one: wanted // len(KINDS) for one in KINDS}
    last = days - quiet_days // 4
    free = [
        rng.permutation(np.flatnonzero(category == one)).tolist() for one in np.unique(category)
    ]
    room = round(0.4 * len(category) / len(free))
    while any(budget.values()):
        open_kinds = [one for one in KINDS if budget[one]]
        what = open_kinds[0] if len(open_kinds) == 1 else str(rng.choice(open_kinds))
        places = [one for one in free if len(one) > n // len(free) - room]
        if not places:
            return
        members = places[rng.integers(len(places))]
        group = min(
            int(rng.integers(RING[0], RING[1] + 1)) if what == KINDS[-1] else 1, len(members)
        )
        shown_by = moves.drift_days[1] if what == "slow_drift" else 0
        start = int(rng.integers(quiet_days, max(last - shown_by, quiet_days + 1)))
        peers = np.flatnonzero(category == category[members[0]])
        if what == "gouging":
            length = int(rng.integers(moves.emergency_days[0], moves.emergency_days[1] + 1))
            log_price[start : start + length, peers] += moves.emergency_cost
        for _ in range(group):
            listing = members.pop()
            day = start + (int(rng.integers(0, 4)) if group > 1 else 0)
            if what == "gouging":
                end = start + length
                log_price[day:end, listing] += rng.uniform(*moves.gouging)
            else:
                end = _move(rng, log_price[:, listing], what, day, moves)
            kind[listing], begins[listing] = KINDS.index(what), day
            ends[listing] = min(end, days)
        budget[what] = max(budget[what] - group, 0)


def _move(
    rng: np.random.Generator, log_price: FloatArray, kind: str, day: int, moves: AbnormalMoves
) -> int:
    """Write one listing's abnormal move into its (T,) log prices; the day on which it ends."""
    days = len(log_price)
    if kind == "slow_drift":
        length = int(rng.integers(moves.drift_days[0], moves.drift_days[1] + 1))
        risen = np.clip((np.arange(days) - day + 1) / length, 0.0, 1.0)
        log_price += risen * rng.uniform(*moves.slow_drift)
        return day + length
    if kind == "raise_then_cut":
        cut = day + int(rng.integers(moves.days_before_cut[0], moves.days_before_cut[1] + 1))
        log_price[day:cut] += rng.uniform(*moves.raise_before_cut)
        log_price[cut : cut + WEEK] -= rng.uniform(0.0, 0.1)
        return cut + WEEK
    if kind == "plunge":
        end = day + int(rng.integers(moves.plunge_days[0], moves.plunge_days[1] + 1))
        log_price[day:end] -= rng.uniform(*moves.plunge)
        return end
    size = moves.sudden_rise if kind == "sudden_rise" else moves.coordinated_rise
    log_price[day:] += rng.uniform(*size)
    return days
