"""Q-learning sellers rehearse a pricing game until their strategies stand: the compiled loop.

A *node* is what sellers remember of the last period: the prices that all of them asked (a profile,
numbered `sum of action_i * m**i`) and, where the platform gives one of them a place that it can
keep, who holds it (`node = profile * holders + holder`). n sellers, m prices each.

Source: Calvano, Calzolari, Denicolò & Pastorello (2020), "Artificial intelligence, algorithmic
pricing, and collusion", American Economic Review 110(10). Random numbers: SplitMix64 (Steele, Lea &
Flood 2014).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.merchant_pricing.pricing_game import Game

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53

INDIFFERENT = 1e-9
"""Lead, as a share of the highest first value, below which an action counts as no better than the
greedy one. A seller who is never shown earns nothing whatever it asks: all its values fade, and
without this it would change its mind until they underflow."""


class Terms(NamedTuple):
    """How sellers learn."""

    alpha: float  # learning rate, in (0, 1]
    delta: float  # discount factor, in [0, 1)
    beta: float  # decay of exploration: chance `exp(-beta t)` in period t
    patience: int  # periods without a change of any greedy action after which they are done
    limit: int  # periods after which they stop in any case


class Rehearsal(NamedTuple):
    """What a rehearsal ends with."""

    greedy: NDArray[np.int64]  # (nodes, n) the action that each seller thinks best
    value: NDArray[np.float64]  # (nodes, n, m) what each seller has learned an action to be worth
    node: int  # where play stood at the end
    periods: int  # how many were played
    converged: bool  # whether no greedy action changed in the last `patience` periods


@njit(cache=True, inline="always")
def _draw(state):  # type: ignore[no-untyped-def]
    """A uniform number in [0, 1) and the generator's next state."""
    state = state + _GAMMA
    z = (state ^ (state >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) * _TO_UNIT, state


@njit(cache=True)
def _keeps_place(price, holder, before, now, tolerance):  # type: ignore[no-untyped-def]
    """Whether a holder neither raised its price nor was undercut by more than the tolerance."""
    asked = price[holder, now[holder]]
    if asked > price[holder, before]:
        return False
    lowest = asked
    for i in range(len(now)):
        lowest = min(lowest, price[i, now[i]])
    return lowest >= asked * (1.0 - tolerance)


@njit(cache=True)
def _show_cheapest(price, now, places, shown, state):  # type: ignore[no-untyped-def]
    """Mark the cheapest sellers in `shown`, chance deciding between equals; the last one marked."""
    latest = 0
    shown[:] = False
    for _ in range(places):
        ties = 0
        for i in range(len(now)):
            if shown[i]:
                continue
            lead = price[i, now[i]] - price[latest, now[latest]]
            if ties == 0 or lead < 0:
                latest, ties = i, 1
            elif lead == 0:
                u, state = _draw(state)
                ties += 1
                if u * ties < 1.0:
                    latest = i
        shown[latest] = True
    return latest, state


@njit(cache=True)
def _rehearse(price, gain, attraction, rest, first, places, keeps, tolerance, terms, node, seed):  # type: ignore[no-untyped-def]
    n, m = price.shape
    holders = n if keeps else 1
    nodes = m**n * holders
    alpha, delta = terms.alpha, terms.delta
    least = INDIFFERENT * first.max()
    value = np.empty((nodes, n, m))
    greedy = np.empty((nodes, n), dtype=np.int64)
    for i in range(n):
        best = np.argmax(first[i])
        for s in range(nodes):
            value[s, i] = first[i]
            greedy[s, i] = best
    action = np.zeros(n, dtype=np.int64)
    shown = np.ones(n, dtype=np.bool_)
    state = seed
    explore, decay = 1.0, math.exp(-terms.beta)
    unchanged, periods = 0, 0
    while unchanged < terms.patience and periods < terms.limit:
        following, stride = 0, 1
        for i in range(n):
            u, state = _draw(state)
            # Given that it lies below `explore`, u / explore is uniform again.
            action[i] = min(int(u / explore * m), m - 1) if u < explore else greedy[node, i]
            following += action[i] * stride
            stride *= m
        if keeps:
            holder = node % n
            before = node // n // m**holder % m
            if not _keeps_place(price, holder, before, action, tolerance):
                holder, state = _show_cheapest(price, action, 1, shown, state)
            shown[:] = False
            shown[holder] = True
            following = following * n + holder
        elif places < n:
            _, state = _show_cheapest(price, action, places, shown, state)
        total = rest
        for i in range(n):
            if shown[i]:
                total += attraction[i, action[i]]
        unchanged += 1
        for i in range(n):
            a, best = action[i], greedy[node, i]
            profit = gain[i, a] / total if shown[i] else 0.0
            ahead = value[following, i, greedy[following, i]]
            old = value[node, i, a]
            new = (1.0 - alpha) * old + alpha * (profit + delta * ahead)
            value[node, i, a] = new
            # The best action can change only where the one just tried rises above it, or where
            # it was tried itself and fell: all other states need no look.
            challenger = best
            if a != best:
                if new > value[node, i, best] + least:
                    challenger = a
            elif new < old:
                for other in range(m):
                    if value[node, i, other] > value[node, i, challenger]:
                        challenger = other
                if value[node, i, challenger] <= new + least:
                    challenger = best
            if challenger != best:
                greedy[node, i] = challenger
                unchanged = 0
        node = following
        explore *= decay
        periods += 1
    return greedy, value, node, periods, unchanged >= terms.patience


def rehearse(game: Game, terms: Terms, node: int, seed: int) -> Rehearsal:
    """Let the sellers of a game learn until no strategy changes any more.

    Args:
        game: sellers, their prices, and whom the platform shows.
        terms: how they learn.
        node: where play starts.
        seed: of the sellers' own random numbers, in [0, 2**64).

    Returns:
        The strategies learned.
    """
    prominence = game.prominence
    greedy, value, last, periods, converged = _rehearse(
        game.price,
        game.gain,
        game.attraction,
        game.sellers.rest,
        game.first_values(terms.delta),
        game.places,
        prominence.keeps,
        prominence.tolerance,
        terms,
        node,
        np.uint64(seed),
    )
    return Rehearsal(greedy, value, int(last), int(periods), bool(converged))


def rehearse_plainly(game: Game, terms: Terms, node: int, seed: int) -> Rehearsal:
    """`rehearse` written with NumPy, every state looked at in every period: for tests."""
    n, m = game.price.shape
    prominence, state, mask = game.prominence, seed, (1 << 64) - 1
    value = np.broadcast_to(game.first_values(terms.delta), (game.nodes, n, m)).copy()
    greedy, least = value.argmax(axis=2), INDIFFERENT * value.max()
    seller, strides = np.arange(n), m ** np.arange(n)
    explore, unchanged, periods = 1.0, 0, 0

    def draw() -> float:
        nonlocal state
        state = (state + int(_GAMMA)) & mask
        z = ((state ^ (state >> 30)) * int(_FIRST)) & mask
        z = ((z ^ (z >> 27)) * int(_SECOND)) & mask
        return ((z ^ (z >> 31)) >> 11) * _TO_UNIT

    def cheapest(asked: NDArray[np.int64], left: list[int]) -> int:
        chosen, met = left[0], 1
        for other in left[1:]:
            if asked[other] < asked[chosen]:
                chosen, met = other, 1
            elif asked[other] == asked[chosen]:
                met += 1
                chosen = other if draw() * met < 1.0 else chosen
        return chosen

    while unchanged < terms.patience and periods < terms.limit:
        luck = np.array([draw() for _ in range(n)])
        tried = np.minimum(luck / np.maximum(explore, luck) * m, m - 1).astype(np.int64)
        action = np.where(luck < explore, tried, greedy[node])
        asked, following = game.price[seller, action], int(action @ strides)
        shown = list(range(n))
        if prominence.keeps:
            holder = node % n
            before = game.price[holder, node // n // m**holder % m]
            if asked[holder] > before or asked.min() < asked[holder] * (1 - prominence.tolerance):
                holder = cheapest(asked, shown)
            shown, following = [holder], following * n + holder
        elif game.places < n:
            left, shown = shown, []
            for _ in range(game.places):
                shown.append(cheapest(asked, left))
                left.remove(shown[-1])
        visible = np.isin(seller, shown)
        total = game.sellers.rest + game.attraction[seller, action] @ visible
        profit = game.gain[seller, action] * visible / total
        ahead = value[following].max(axis=1)
        old = value[node, seller, action]
        new = (1.0 - terms.alpha) * old + terms.alpha * (profit + terms.delta * ahead)
        value[node, seller, action] = new
        known = np.take_along_axis(value, greedy[..., None], axis=2)[..., 0]
        better = value.max(axis=2) > known + least
        latest = np.where(better, value.argmax(axis=2), greedy)
        unchanged = unchanged + 1 if np.array_equal(latest, greedy) else 0
        greedy, node = latest, following
        explore *= math.exp(-terms.beta)
        periods += 1
    return Rehearsal(greedy, value, node, periods, unchanged >= terms.patience)
