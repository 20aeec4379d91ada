"""The compiled rehearsal against the plain one, and what sellers learn in it.

One unit of theory is 100,000 cents; a = 2, c = 1, mu = .25, a0 = 0 unless a test says otherwise.
"""

import time

import numpy as np
import pytest

from policies.merchant_pricing.pricing_game import (
    NARROWEST,
    Game,
    Sellers,
    competitive_markup,
    joint_markup,
    markup_grid,
)
from policies.merchant_pricing.rehearsal import Rehearsal, Terms, rehearse, rehearse_plainly
from policies.observations import Prominence

UNIT = 100_000
MU = 0.25
SHORT = Terms(alpha=0.15, delta=0.95, beta=2e-3, patience=2000, limit=6000)
CALVANO = Terms(alpha=0.15, delta=0.95, beta=4e-6, patience=100_000, limit=1_000_000_000)


def sellers(n: int = 2, value=2.0, cost=1.0, commission: float = 0.0) -> Sellers:
    a, c = np.broadcast_to(value, n).astype(float), np.broadcast_to(cost, n).astype(float)
    return Sellers(
        worth=(a - c) / MU,
        cost=c * UNIT,
        margin=np.full(n, 1.0 - commission),
        scale=MU * UNIT,
        rest=1.0,
        alone=1.0,
    )


def game(who: Sellers, points: int = 15, prominence: Prominence | None = None) -> Game:
    return Game.of(who, markup_grid(who, points, 0.1), prominence or Prominence())


def profits(played: Game, action: np.ndarray) -> np.ndarray:
    """(n,) profits a buyer in units of theory where all are shown."""
    seller = np.arange(len(action))
    total = played.sellers.rest + played.attraction[seller, action].sum()
    return played.gain[seller, action] / total / UNIT


def on_the_cycle(played: Game, result: Rehearsal) -> np.ndarray:
    """(n,) mean profits where greedy play ends up, all being shown."""
    n, m = played.price.shape
    met: dict[int, int] = {}
    earned: list[np.ndarray] = []
    node = result.node
    while node not in met:
        met[node] = len(earned)
        action = result.greedy[node]
        earned.append(profits(played, action))
        node = int((action * m ** np.arange(n)).sum())
    return np.mean(earned[met[node] :], axis=0)


def collusion(played: Game, terms: Terms, runs: int) -> np.ndarray:
    """(runs,) profit gains: 0 at competitive, 1 at monopoly profits."""
    who = played.sellers
    nash = who.scale * competitive_markup(who.worth, who.rest)
    joint = np.full(len(nash), who.scale * joint_markup(who.worth, who.alone))

    def mean_profit(markup: np.ndarray) -> float:
        weight = np.exp(who.worth - markup / who.scale)
        return float((who.margin * markup * weight / (who.rest + weight.sum())).mean() / UNIT)

    low, high = mean_profit(nash), mean_profit(joint)
    gains = []
    for run in range(runs):
        result = rehearse(played, terms, run % played.nodes, 1000 + run)
        assert result.converged
        gains.append((on_the_cycle(played, result).mean() - low) / (high - low))
    return np.array(gains)


@pytest.mark.parametrize(
    ("n", "points", "prominence"),
    [
        (1, 6, Prominence()),
        (2, 5, Prominence()),
        (3, 4, Prominence()),
        (3, 4, Prominence(shown=1)),
        (3, 4, Prominence(shown=2)),
        (2, 5, Prominence(shown=1, keeps=True, tolerance=0.1)),
        (3, 4, Prominence(shown=1, keeps=True, tolerance=0.05)),
    ],
)
@pytest.mark.parametrize("seed", [7, 2**63 + 11])
def test_the_compiled_loop_does_what_the_plain_one_does(n, points, prominence, seed) -> None:
    played = game(sellers(n), points, prominence)
    compiled = rehearse(played, SHORT, 0, seed)
    plain = rehearse_plainly(played, SHORT, 0, seed)
    assert (compiled.node, compiled.periods, compiled.converged) == (
        plain.node,
        plain.periods,
        plain.converged,
    )
    np.testing.assert_array_equal(compiled.greedy, plain.greedy)
    np.testing.assert_allclose(compiled.value, plain.value, rtol=1e-12)


def test_unequal_sellers_rehearse_alike_in_both_loops() -> None:
    who = sellers(3, value=[2.0, 2.3, 1.8], cost=[1.0, 1.2, 0.7], commission=0.1)
    played = game(who, 4)
    compiled, plain = (one(played, SHORT, 5, 3) for one in (rehearse, rehearse_plainly))
    np.testing.assert_array_equal(compiled.greedy, plain.greedy)
    np.testing.assert_allclose(compiled.value, plain.value, rtol=1e-12)


def test_another_seed_is_another_rehearsal_and_the_same_is_the_same() -> None:
    played = game(sellers(), 5)
    first, again, other = (rehearse(played, SHORT, 0, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.value, again.value)
    assert not np.array_equal(first.value, other.value)


@pytest.mark.parametrize(
    ("n", "nash", "joint"),
    [(2, 1.472927, 1.924981), (3, 1.370163, 2.0), (5, 1.311521, 2.097231)],
)
def test_the_grid_spans_competition_and_monopoly(n, nash, joint) -> None:
    who = sellers(n)
    prices = game(who, 15).price / UNIT
    margin = 0.1 * (joint - nash)
    expected = np.linspace(nash - margin, joint + margin, 15)
    np.testing.assert_allclose(prices, np.tile(expected, (n, 1)), atol=2e-5)


def test_unequal_sellers_have_grids_of_their_own() -> None:
    a, c = np.array([2.0, 2.3, 1.8]), np.array([1.0, 1.2, 0.7])
    who = sellers(3, value=a, cost=c)
    nash = c + MU * competitive_markup(who.worth, 1.0)
    share = np.exp((a - nash) / MU)
    share /= share.sum() + 1.0
    np.testing.assert_allclose(nash - c, MU / (1.0 - share), rtol=1e-10)
    joint = c + MU * joint_markup(who.worth, 1.0)
    grid = markup_grid(who, 13, 0.0) + who.cost[:, None]
    np.testing.assert_allclose(grid[:, 0] / UNIT, nash, atol=1e-5)
    np.testing.assert_allclose(grid[:, -1] / UNIT, joint, atol=1e-5)


def test_no_joint_markup_earns_more_than_that_of_the_closed_form() -> None:
    worth = np.array([4.0, 4.4, 4.4])
    best = joint_markup(worth, 1.0)

    def together(markup: float) -> float:
        weight = np.exp(worth - markup)
        return float(markup * weight.sum() / (1.0 + weight.sum()))

    assert all(together(best) > together(best + step) for step in (-0.5, -0.01, 0.01, 0.5))


def test_a_seller_without_rivals_has_prices_to_try_as_well() -> None:
    grid = markup_grid(sellers(1), 15, 0.1)
    assert grid[0, -1] - grid[0, 0] == pytest.approx(1.2 * NARROWEST * MU * UNIT, abs=1.0)


def test_first_values_are_the_mean_profit_against_chance_for_ever() -> None:
    played = game(sellers(2), 5)
    first = played.first_values(0.9)
    for own in range(5):
        mean = np.mean([profits(played, np.array([own, other]))[0] for other in range(5)])
        assert first[0, own] / UNIT == pytest.approx(mean / 0.1)


@pytest.mark.parametrize("shown", [1, 2])
def test_places_are_worth_what_the_cheapest_get_by_chance(shown) -> None:
    played = game(sellers(3), 2, Prominence(shown=shown))
    first = played.first_values(0.0)
    worth = np.zeros((3, 2))
    for profile in range(8):
        action = np.array([profile >> i & 1 for i in range(3)])
        ways = [
            who
            for who in ([0], [1], [2], [0, 1], [0, 2], [1, 2])
            if len(who) == shown and sorted(action)[:shown] == sorted(action[who])
        ]
        for who in ways:
            total = 1.0 + played.attraction[who, action[who]].sum()
            worth[who, action[who]] += played.gain[who, action[who]] / total / len(ways) / 4
    np.testing.assert_allclose(first, worth)


def test_a_million_periods_take_a_fraction_of_a_second() -> None:
    played = game(sellers())
    rehearse(played, SHORT, 0, 1)  # compiles
    terms = CALVANO._replace(limit=1_000_000)
    taken = []
    for _ in range(3):
        start = time.process_time()
        rehearse(played, terms, 0, 1)
        taken.append(time.process_time() - start)
    # 1.9 million periods in half a second
    assert min(taken) < 0.26


def test_two_sellers_collude_as_calvano_et_al_found() -> None:
    gains = collusion(game(sellers()), CALVANO, 50)
    assert 0.78 <= gains.mean() <= 0.90


def test_impatient_sellers_hardly_collude() -> None:
    means = [
        collusion(game(sellers()), CALVANO._replace(delta=delta), 10).mean()
        for delta in (0.0, 0.5, 0.95)
    ]
    assert max(means[:2]) < 0.35 < 0.7 < means[2]


@pytest.mark.slow
def test_more_sellers_collude_less() -> None:
    two = collusion(game(sellers(2)), CALVANO, 12).mean()
    three = collusion(game(sellers(3)), CALVANO, 12).mean()
    assert 0.3 < three < two - 0.05


def test_unequal_sellers_collude_too() -> None:
    who = sellers(2, value=[2.0, 2.25], cost=[1.0, 1.0])
    assert collusion(game(who), CALVANO, 15).mean() > 0.6


def test_a_seller_who_is_never_shown_ends_its_rehearsal() -> None:
    played = game(sellers(), 15, Prominence(shown=1, keeps=True, tolerance=0.03))
    result = rehearse(played, CALVANO._replace(beta=1e-5), 0, 5)
    assert result.converged
    assert result.periods < 5_000_000
