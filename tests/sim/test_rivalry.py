"""The rival's books, its exit, and consumers who shop at one platform alone, in small markets."""

import numpy as np
import pytest
from quiet_markets import SELDOM

from experiments.running import resolve
from policies.observations import RivalMove
from scenarios.build import build
from sim.choice import RIVAL
from sim.homing import BOTH, OURS, RIVALS, draw_homes
from sim.market import Marketplace
from sim.policy_results import PolicyResultError
from sim.settings.consumers import ConsumerSettings
from sim.streams import Streams

PLAIN = ("events=[]", SELDOM, 'policies.subsidy={name = "none"}', "rival.utility=4.0")
EXPECTED = (
    'consumers.choice.demand="expected"',
    "consumers.choice.buyers_per_consumer=1000",
    "consumers.choice.show_all=true",
    "merchants.unlimited_stock=true",
    "couriers.count=0",
)


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[*PLAIN, *overrides])
    return build(scenario, folder=folder)


def lived(days: int, *overrides: str) -> Marketplace:
    market = market_of(*overrides)
    for _ in range(days):
        market.step()
    return market


class Answering:
    """A rival that answers what the test says."""

    name = "answering"
    params = None

    def __init__(self, answer) -> None:
        self.answer = answer
        self.seen = []

    def react(self, observation):
        self.seen.append(observation)
        return self.answer(observation)


def test_the_rivals_books_follow_from_the_sessions_that_chose_it() -> None:
    market = lived(1, "rival.discount=0.25", "rival.price_level=0.9", "rival.commission=0.1")
    today, books = market.today, market.rival_books
    went = today.session_choice == RIVAL
    assert went.sum() > 10
    sales = market.reference_price[today.session_category[went]].sum() / 100 * 0.9
    assert today.rival_units == went.sum()
    assert today.rival_sales == pytest.approx(sales)
    assert books.spent == pytest.approx(0.25 * sales)
    assert books.profit == pytest.approx(-0.15 * sales)
    assert books.share == pytest.approx(went.sum() / (went.sum() + len(today.orders)))
    told = market.health.latest()
    assert told["rival_subsidy"] == pytest.approx(books.spent)
    assert told["rival_profit"] == pytest.approx(books.profit)


def test_the_rival_sees_its_books_of_yesterday_and_our_rate() -> None:
    market = market_of('policies.subsidy={name = "flat", share = 0.2}')
    spy = Answering(lambda seen: RivalMove(0.1))
    market.policies.rival = spy
    for _ in range(3):
        market.step()
    assert [seen.day for seen in spy.seen] == [0, 1, 2]
    assert np.isnan(spy.seen[0].share)
    assert spy.seen[0].own_discount == 0.0
    assert spy.seen[2].own_discount == 0.1
    assert spy.seen[1].spent == pytest.approx(0.1 * spy.seen[1].sales_recently)
    assert spy.seen[2].spent > spy.seen[1].spent > 0
    assert spy.seen[2].profit == pytest.approx(0.2 * spy.seen[2].spent)  # 12 % less 10 %
    assert spy.seen[2].platform_subsidy_rate == pytest.approx(0.2, abs=0.01)
    told = market.health.frame()["subsidy_share"]
    rates = [seen.platform_rate_yesterday for seen in spy.seen]
    assert rates == pytest.approx([0.0, told[0], told[1]])
    assert rates[1] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("move", [0.2, RivalMove(1.0), RivalMove(-0.1)])
def test_a_move_that_is_none_is_named(move) -> None:
    market = market_of()
    market.policies.rival = Answering(lambda seen: move)
    with pytest.raises(PolicyResultError, match="rival policy 'answering'"):
        market.step()


def test_with_expected_demand_the_rivals_sales_are_the_probabilities_of_choosing_it() -> None:
    market = lived(1, *EXPECTED, "rival.discount=0.2")
    sampled = lived(4, "consumers.choice.show_all=true", "rival.discount=0.2")
    assert market.today.rival_units > 0
    assert market.today.rival_sales > 0
    assert market.rival_books.spent == pytest.approx(0.2 * market.today.rival_sales)
    exact, drawn = market.rival_books.share, sampled.health.frame()["rival_share"].mean()
    assert exact == pytest.approx(drawn, abs=0.1)


def test_expected_purchases_are_those_of_the_logit() -> None:
    """A buyer's probabilities at rival and platform sum to one where nobody buys nothing."""
    market = lived(1, *EXPECTED)
    alone = lived(1, *EXPECTED, "consumers.choice.outside_utility=-50.0")
    ours = alone.orders["quantity"][alone.today.orders].sum()
    # Nobody buys nothing; of each listing's buyers the last half is rounded.
    sessions = 1000 * len(alone.today.session_consumer)
    assert alone.today.rival_units + ours == pytest.approx(sessions, rel=0.01)
    assert alone.today.rival_units > market.today.rival_units


def test_a_rival_that_leaves_sells_nothing_more_and_is_no_alternative() -> None:
    withdraws = 'policies.rival={name = "withdraw", patience_days = 3, leaves = true}'
    market = lived(6, withdraws, "rival.discount=0.4")
    told = market.health.frame()
    assert (told["rival_subsidy"][:3] > 0).all()
    assert (told["rival_share"][:3] > 0).all()
    assert not market.rival_books.present
    assert (told[["rival_subsidy", "rival_share", "rival_profit"]][3:] == 0).all(axis=None)
    assert (market.today.session_choice != RIVAL).all()


def test_homes_are_drawn_once_and_nested_as_multi_homing_grows() -> None:
    streams, n = Streams(3), 20_000
    few = draw_homes(ConsumerSettings(multi_homing=0.3, rival_home=0.25), n, streams)
    many = draw_homes(ConsumerSettings(multi_homing=0.6, rival_home=0.25), n, streams)
    assert (few == BOTH).mean() == pytest.approx(0.3, abs=0.02)
    assert (few == RIVALS).mean() == pytest.approx(0.7 * 0.25, abs=0.02)
    assert (many[few == BOTH] == BOTH).all()
    stay = many != BOTH
    np.testing.assert_array_equal(many[stay], few[stay])
    assert (draw_homes(ConsumerSettings(), n, streams) == BOTH).all()


def test_who_shops_at_ours_alone_never_buys_at_the_rival_and_who_shops_there_never_comes() -> None:
    market = lived(3, "consumers.multi_homing=0.4", "commerce.population.visits_per_day=2.0")
    home, today = market.crowd.home, market.today
    assert set(np.unique(home).tolist()) == {BOTH, OURS, RIVALS}
    at_home = home[today.session_consumer]
    went = today.session_choice == RIVAL
    assert went.any()
    assert (at_home != RIVALS).all()
    assert (at_home[went] == BOTH).all()
    assert (home[market.orders["consumer"]] != RIVALS).all()
    assert market.crowd.active[home == RIVALS].all()


def test_those_at_the_rival_alone_buy_there_what_the_logit_expects() -> None:
    """Of as many who never look at our platform, about as many buy: expected against drawn."""
    alone = lived(20, "consumers.multi_homing=0.0", "consumers.rival_home=1.0")
    assert len(alone.orders["day"]) == 0
    # Comparing consumers whom our platform has nothing to offer choose by chance between the same.
    bare = market_of("consumers.choice.base_utility=-40.0", "consumers.choice.trust_weight=0.0")
    drawn, expected = 0.0, 0.0
    for _ in range(20):
        bare.step()
        drawn += bare.today.rival_sales
    expected = alone.rival_books.profit / alone.settings.rival.commission
    assert expected == pytest.approx(drawn, rel=0.1)


def test_with_expected_demand_those_at_the_rival_alone_count_too() -> None:
    split = ("consumers.multi_homing=0.0", "consumers.rival_home=1.0")
    market = lived(1, *EXPECTED, *split)
    assert market.health.latest()["rival_share"] == 1.0
    crowd = market.crowd
    odds = np.exp(4.0 - crowd.price_sensitivity.astype(float))
    units = 1000 * crowd.lines_per_visit * odds / (1.0 + odds)
    assert market.today.rival_units == pytest.approx(float(units.sum()), rel=1e-5)


def test_if_the_rival_leaves_its_customers_come_to_our_platform() -> None:
    market = market_of("consumers.multi_homing=0.2", "consumers.rival_home=1.0")
    market.step()
    before = market.today.arrivals
    market.policies.rival = Answering(lambda seen: RivalMove(0.0, present=False))
    market.step()
    assert market.today.arrivals > 2 * before
    assert (market.crowd.home[market.today.session_consumer] == RIVALS).any()


def test_without_a_rival_homes_do_not_matter() -> None:
    none = ("rival.present=false",)
    first = lived(3, *none)
    second = lived(3, *none, "consumers.multi_homing=0.0", "consumers.rival_home=1.0")
    np.testing.assert_array_equal(first.health.values(), second.health.values())


def test_a_deeper_discount_draws_those_who_compare_and_nobody_else() -> None:
    split = ("consumers.multi_homing=0.0", "consumers.rival_home=0.0")
    calm, war = (lived(3, *split, f"rival.discount={d}") for d in (0.0, 0.6))
    np.testing.assert_array_equal(calm.orders["listing"], war.orders["listing"])
    calm, war = (lived(3, f"rival.discount={d}") for d in (0.0, 0.6))
    assert len(war.orders["day"]) < len(calm.orders["day"])


def test_those_at_the_rival_alone_have_a_surplus_there() -> None:
    split = ("consumers.multi_homing=0.0", "consumers.rival_home=1.0")
    market = lived(1, *EXPECTED, *split)
    crowd = market.crowd
    sensitivity = crowd.price_sensitivity.astype(float)
    share = np.diff(crowd.category_cumulative, axis=1, prepend=0.0)
    reference = share @ market.reference_price
    worth = 1000 * crowd.lines_per_visit * np.log1p(np.exp(4.0 - sensitivity)) / sensitivity
    expected = float((worth * reference).sum()) / 100.0
    assert market.health.latest()["consumer_surplus"] == pytest.approx(expected, rel=1e-5)


def test_that_the_rivals_customers_move_to_our_platform_is_no_gain_by_itself() -> None:
    """Those at one home lose where a rival leaves that they alone had shopped at as well."""
    homes = ("consumers.multi_homing=0.2", "consumers.rival_home=1.0")
    stays, leaves = market_of(*homes), market_of(*homes)
    leaves.policies.rival = Answering(lambda seen: RivalMove(0.0, present=False))
    for market in (stays, leaves):
        market.step()
        market.step()
    alone = [market.today.surplus_at_rival_alone for market in (stays, leaves)]
    assert alone[0] > 0.0
    assert alone[1] == 0.0
    assert stays.health.latest()["consumer_surplus"] > alone[0] / 100.0
