"""The rival platform's strategies: what each does with what it sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.observations import RivalMove, RivalObservation
from policies.rival.escalate import EscalatingRival
from policies.rival.fixed import FixedRival
from policies.rival.match import MatchingRival
from policies.rival.withdraw import WithdrawingRival

STRATEGIES = (FixedRival, MatchingRival, EscalatingRival, WithdrawingRival)


def made(strategy, **params):
    return strategy(strategy.Params(name=strategy.name, **params))


def morning(ours: float = 0.0, discount: float = 0.0, **given) -> RivalObservation:
    columns = {
        "day": 10,
        "own_discount": 0.0,
        "share": 0.4,
        "sales_recently": 1000.0,
        "spent": 0.0,
        "profit": 0.0,
    }
    rates = {"platform_subsidy_rate": ours, "platform_rate_yesterday": ours}
    return RivalObservation(discount=discount, **(columns | rates | given))


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(st.floats(0.0, 50.0), st.floats(0.0, 0.99), st.integers(1, 20))
def test_every_move_is_allowed_and_none_is_below_the_scenarios_discount(
    strategy, ours, discount, days
) -> None:
    policy = made(strategy)
    for _ in range(days):
        move = policy.react(morning(ours, discount))
        assert discount <= move.discount <= 0.99
        assert move.present


def test_a_fixed_rival_answers_nothing() -> None:
    assert made(FixedRival).react(morning(0.6, 0.2)) == RivalMove(0.2)


def test_a_matching_rival_comes_to_its_share_of_our_rate_and_back() -> None:
    policy = made(MatchingRival, share=0.5, speed=0.25)
    path = [policy.react(morning(0.4)).discount for _ in range(40)]
    assert path[0] == pytest.approx(0.05)
    assert path == sorted(path)
    assert path[-1] == pytest.approx(0.2, abs=1e-3)
    assert policy.react(morning(0.4, discount=0.35)).discount == 0.35
    peace = [policy.react(morning(0.0)).discount for _ in range(40)]
    assert peace[-1] == pytest.approx(0.0, abs=1e-3)


@given(st.floats(0.001, 2.0), st.floats(0.01, 0.5), st.floats(0.0, 0.99))
def test_an_escalating_rival_outbids_us_by_a_step_as_far_as_its_ceiling(ours, step, ceiling):
    bid = made(EscalatingRival, step=step, ceiling=ceiling).react(morning(ours)).discount
    assert bid == pytest.approx(min(ours + step, ceiling))


def test_an_escalating_rival_answers_yesterday_and_not_the_past() -> None:
    policy = made(EscalatingRival, step=0.1)
    over = morning(0.4, platform_rate_yesterday=0.0)
    assert policy.react(over).discount == 0.0
    begun = morning(0.01, platform_rate_yesterday=0.3)
    assert policy.react(begun).discount == pytest.approx(0.4)


def test_an_escalating_rival_does_not_begin() -> None:
    assert made(EscalatingRival).react(morning(0.0, discount=0.1)).discount == 0.1


def test_two_who_outbid_each_other_end_at_the_ceiling() -> None:
    policy, ours = made(EscalatingRival, step=0.05, ceiling=0.6), 0.1
    for _ in range(20):
        ours = policy.react(morning(ours)).discount
    assert ours == 0.6


def fights(policy: WithdrawingRival, days: int, loss: float, discount: float = 0.3) -> list[float]:
    """Discounts of days each of which costs the rival `loss` while it subsidises."""
    profit, own, path = 500.0, 0.0, []
    for _ in range(days):
        move = policy.react(morning(discount=discount, own_discount=own, profit=profit))
        path.append(move.discount)
        own = move.discount
        profit += -loss if own > 0 else 40.0
    return path


def test_patience_is_counted_in_days_of_the_war() -> None:
    policy = made(WithdrawingRival, patience_days=5)
    assert fights(policy, 3, loss=10.0, discount=0.0) == [0.0] * 3
    assert fights(policy, 8, loss=10.0) == [0.3] * 5 + [0.0] * 3


def test_a_war_chest_is_what_the_war_may_cost() -> None:
    assert fights(made(WithdrawingRival, war_chest=45.0), 8, 10.0) == [0.3] * 5 + [0.0] * 3
    assert fights(made(WithdrawingRival, war_chest=45.0), 8, -10.0) == [0.3] * 8


def test_a_loss_a_day_is_borne_for_a_week_at_least() -> None:
    assert fights(made(WithdrawingRival, loss_a_day=9.0), 10, 10.0) == [0.3] * 7 + [0.0] * 3
    assert fights(made(WithdrawingRival, loss_a_day=11.0), 30, 10.0) == [0.3] * 30


def test_without_limits_a_rival_fights_for_ever() -> None:
    assert fights(made(WithdrawingRival), 60, 1e6) == [0.3] * 60


def test_a_withdrawn_rival_stops_subsidising_for_good_or_leaves() -> None:
    for leaves in (False, True):
        policy = made(WithdrawingRival, patience_days=1, leaves=leaves)
        policy.react(morning(0.4))
        moves = [policy.react(morning(0.4, discount=0.5)) for _ in range(3)]
        assert moves == [RivalMove(0.0, present=not leaves)] * 3


def test_while_it_fights_it_matches_its_share_of_our_rate() -> None:
    policy = made(WithdrawingRival, share=0.5)
    assert policy.react(morning(0.4)).discount == pytest.approx(0.2)
    assert policy.react(morning(0.4, discount=0.3)).discount == 0.3
