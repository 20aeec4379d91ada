"""What the platform does: felt in the market, found by the rules where it is switched on."""

from typing import Any

import numpy as np
import pytest

from experiments.running import resolve
from policies.observations import (
    PLATFORM,
    Finding,
    PersonalPrices,
    Steering,
    SteeringObservation,
)
from scenarios.build import build
from sim.inspection import is_wrongful
from sim.market import Marketplace
from sim.policy_results import PolicyResultError
from sim.rivalry import rival_price_level

MARKET = (
    "commerce.generated.listings=200",
    "commerce.generated.merchants=30",
    "consumers.count=600",
    "commerce.population.visits_per_day=0.6",
    "couriers.count=0",
    "events=[]",
    (
        "policies.rules={forced_loss = {}, personal_price = {}, parity = {}, fee_notice = {}, "
        "self_preferencing = {}}"
    ),
)


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=[*MARKET, *overrides])
    return build(scenario, folder=folder)


def changed_on(day: int, key: str, value: str) -> str:
    return f'events=[{{kind = "change", day = {day}, key = "platform.{key}", value = {value}}}]'


def findings_of(market: Marketplace, days: int) -> dict[str, list[int]]:
    """Days on which each rule found the platform; money is conserved on all days."""
    found: dict[str, list[int]] = {}
    for day in range(days):
        market.step()
        assert market.ledger.total() == 0
        for rule in {one.rule for one in market.today.findings if one.merchant == PLATFORM}:
            found.setdefault(rule, []).append(day)
            assert not is_wrongful(market, PLATFORM, rule)
    return found


class OwnFirst:
    """The platform's own brand first."""

    family, name, params = "steering", "own_first", None

    def steer(self, observation: SteeringObservation) -> Steering:
        everything = np.ones(len(observation.own_brand), dtype=np.bool_)
        return Steering(shown=everything, first=observation.own_brand)


TWO_WARS = (
    'events=[{kind = "rival_price_war", day = 3, until = 5, discount = 0.3}, '
    '{kind = "rival_price_war", day = 7, until = 9, discount = 0.2}]'
)


def test_a_platform_that_keeps_to_the_rules_is_never_found() -> None:
    market = market_of("platform.own_brand_merchants=3", TWO_WARS)
    assert findings_of(market, 14) == {}
    assert market.health.values().shape[0] > 0
    for rule in market.policies.rules:
        assert is_wrongful(market, PLATFORM, rule)


def test_forced_campaigns_below_cost_are_found_from_their_first_day() -> None:
    market = market_of(changed_on(4, "forced_discount", "0.4"))
    assert findings_of(market, 6) == {"forced_loss": [4, 5]}


def test_campaigns_that_merchants_agree_to_are_not_found() -> None:
    market = market_of(changed_on(4, "forced_discount", "0.4"), "platform.asks_consent=true")
    assert findings_of(market, 14) == {}
    assert market.platform_prices.campaign.any()
    assert (market.platform_prices.refused_on >= 0).any()


def test_taking_places_from_who_refuses_is_found_within_days() -> None:
    market = market_of(
        changed_on(8, "forced_discount", "0.4"),
        "platform.asks_consent=true",
        "platform.retaliation=0.6",
    )
    assert findings_of(market, 14)["forced_loss"][0] == 11


def test_undisclosed_personal_prices_are_found_and_disclosed_ones_are_not() -> None:
    secret = findings_of(market_of("policies.fees.personal=0.2"), 8)
    assert secret["personal_price"][-1] == 7
    told = market_of("policies.fees.personal=0.2", "policies.fees.personal_disclosed=true")
    assert findings_of(told, 8) == {}
    assert (told.orders["markup"] < 0).any()
    assert not (told.orders["markup"] > 0).any()  # who is told refuses to pay more than others


def test_a_parity_clause_and_imposed_following_are_found() -> None:
    assert findings_of(market_of("platform.parity_clause=true"), 2) == {"parity": [0, 1]}
    following = market_of("platform.auto_follow=0.5", TWO_WARS)
    assert findings_of(following, 12)["parity"][0] == 6
    agreed = market_of("platform.auto_follow=0.5", TWO_WARS, "platform.asks_consent=true")
    assert findings_of(agreed, 12) == {}
    assert agreed.platform_prices.follows.any()


def test_a_rise_at_short_notice_is_found_and_a_cut_is_not() -> None:
    rise = changed_on(3, "commission", "0.2")
    assert findings_of(market_of(rise, "platform.fee_notice_days=2"), 12) == {
        "fee_notice": [3, 4, 5, 6, 7, 8, 9]
    }
    assert findings_of(market_of(rise), 12) == {}
    cut = changed_on(3, "commission", "0.02")
    assert findings_of(market_of(cut, "platform.fee_notice_days=0"), 12) == {}


def test_an_own_brand_that_always_comes_first_is_found() -> None:
    market = market_of("platform.own_brand_merchants=3")
    market.policies.steering = OwnFirst()  # type: ignore[assignment]
    found = findings_of(market, 8)
    assert found["self_preferencing"][-1] == 7
    assert set(found) == {"self_preferencing"}


def fees_by_day(market: Marketplace, days: int) -> list[tuple[float, int]]:
    fees = []
    for _ in range(days):
        market.step()
        fees.append((float(market.fees.commission[0]), market.fees.delivery_fee))
    return fees


def test_a_rise_holds_after_its_notice_and_a_cut_at_once() -> None:
    events = (
        'events=[{kind = "change", day = 2, key = "platform.commission", value = 0.2}, '
        '{kind = "change", day = 3, key = "platform.delivery_fee", value = 0.5}, '
        '{kind = "change", day = 8, until = 9, key = "platform.commission", value = 0.05}]'
    )
    market = market_of(events, "platform.fee_notice_days=3", "platform.delivery_fee=2.0")
    fees = fees_by_day(market, 13)
    commission, fee = zip(*fees, strict=True)
    # The rise of day 9, back from 0.05, is published then and holds from day 12.
    assert commission == (*[0.12] * 5, *[0.2] * 3, *[0.05] * 4, 0.2)
    assert fee == (*[200] * 3, *[50] * 10)
    log = market.fee_notices.published
    assert [(one.published, one.effective) for one in log] == [(2, 5), (3, 6), (8, 11), (9, 12)]
    np.testing.assert_allclose([one.commission_rise for one in log], [0.08, 0.0, 0.0, 0.15])


def test_another_policy_is_a_change_too_and_each_listing_pays_the_lower_fee_until_then() -> None:
    table = '{name = "by_size", small = 0.05, medium = 0.3, large = 0.3}'
    market = market_of(
        f'events=[{{kind = "change", day = 2, key = "policies.fees", value = {table}}}]',
        "platform.fee_notice_days=2",
        "merchants.large_share=0.2",
    )
    for commission in ({0.12}, {0.12}, {0.05, 0.12}, {0.05, 0.12}, {0.05, 0.3}):
        market.step()
        assert set(market.fees.commission.tolist()) == commission


def test_surge_moves_within_its_terms_without_notice() -> None:
    market = market_of(
        'policies.fees={name = "surge", orders_per_courier = 20.0, ceiling = 20.0}',
        "couriers.count=5",
    )
    fees = {fee for _, fee in fees_by_day(market, 5)}
    assert len(fees) > 1
    assert market.fee_notices.published == []


def test_merchants_whom_a_published_rise_would_ruin_may_leave_at_once() -> None:
    rise = changed_on(12, "commission", "0.6")
    stays, leaves = (
        market_of(rise, f"merchants.fee_exit_share={share}", "platform.fee_notice_days=30")
        for share in (0.0, 1.0)
    )
    for market in (stays, leaves):
        for _ in range(13):
            market.step()
        assert (market.fees.commission == 0.12).all()
    assert len(stays.today.exited) == 0
    assert len(leaves.today.exited) > 0
    assert (leaves.books.closed_on[leaves.today.exited] == 12).all()


def test_personal_markups_go_to_the_platform_and_come_back_with_refunds() -> None:
    market = market_of("policies.fees.personal=0.3", "consumers.response.return_rate=0.5")
    for _ in range(10):
        market.step()
    orders = market.orders
    extra = np.rint(orders["unit_price"] * 0.3)
    assert (np.abs(orders["markup"]) <= extra).all()
    assert (orders["markup"] > 0).any()
    assert (orders["markup"] < 0).any()
    paid = orders["unit_price"] + orders["markup"]
    sent_back = orders["refunded"] == paid
    assert (sent_back & (orders["markup"] != 0)).any()
    assert (orders["refunded"] <= paid + orders["delivery_fee"]).all()
    commission = np.rint(orders["unit_price"] * 0.12)
    np.testing.assert_array_equal(orders["commission"], commission)


def test_expected_demand_pays_personal_prices_too() -> None:
    dear, usual = (
        market_of("policies.fees.personal=0.2", 'consumers.choice.demand="expected"')
        for _ in range(2)
    )
    dear.policies.fees.quote = lambda observation: PersonalPrices(  # type: ignore[attr-defined]
        np.full(len(observation.sessions.visitor), 0.2)
    )
    for market in (dear, usual):
        market.step()
        assert market.ledger.total() == 0
    np.testing.assert_array_equal(dear.orders["markup"], np.rint(dear.orders["unit_price"] * 0.2))
    assert not usual.orders["markup"].any()
    assert dear.orders["quantity"].sum() < usual.orders["quantity"].sum()


def test_personal_prices_need_a_log() -> None:
    market = market_of(
        "policies.fees.personal=0.3",
        'policies.privacy={name = "pseudonymise", rotate_days = 1}',
    )
    for _ in range(4):
        market.step()
    assert not market.orders["markup"].any()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "must quote PersonalPrices"),
        (PersonalPrices(np.zeros(1)), "shares of shape"),
        (PersonalPrices(np.zeros(1, int)), "shares of shape"),
    ],
)
def test_a_policy_that_quotes_nonsense_is_told_so(answer: Any, message: str) -> None:
    market = market_of("policies.fees.personal=0.3")
    market.policies.fees.quote = lambda observation: answer  # type: ignore[attr-defined]
    with pytest.raises(PolicyResultError, match=message):
        market.step()


def test_prices_that_the_platform_sets_do_not_compound() -> None:
    market = market_of("platform.forced_discount=0.2", "merchants.strategies={fixed = 1.0}")
    market.step()
    first = market.listings.price.copy()
    state = market.platform_prices
    assert (state.asked[state.asked > 0] > first[state.asked > 0]).all()
    for _ in range(3):
        market.step()
    np.testing.assert_array_equal(market.listings.price, first)
    free = market_of("merchants.strategies={fixed = 1.0}")
    free.step()
    asked = np.where(state.asked > 0, state.asked, market.listings.price)
    np.testing.assert_array_equal(asked, free.listings.price)


def test_who_refuses_loses_the_share_of_places_that_the_platform_takes() -> None:
    common = ("platform.forced_discount=0.4", "platform.asks_consent=true")
    free, punished = (
        market_of(*common, f"platform.retaliation={share}") for share in ("0.0", "0.5")
    )
    shown = []
    for market in (free, punished):
        market.step()
        refuses = (market.platform_prices.refused_on >= 0)[market.listings.merchant]
        slate = market.today.slate
        shown.append(int(((slate >= 0) & refuses[slate]).sum()))
    hit = (slate != free.today.slate).any(axis=1)
    assert hit.any()
    assert (np.diff((slate[hit] < 0).astype(int), axis=1) >= 0).all()
    assert shown[1] == pytest.approx(0.5 * shown[0], rel=0.1)


def test_a_parity_clause_keeps_the_rival_from_being_cheaper() -> None:
    free, bound = (
        market_of("rival.price_level=0.6", f"platform.parity_clause={clause}")
        for clause in ("false", "true")
    )
    for market in (free, bound):
        market.step()
    assert rival_price_level(free) == 0.6
    listings = bound.listings
    usual = np.median(listings.price / bound.reference_price[listings.category])
    assert rival_price_level(bound) == pytest.approx(usual)


class Accuser:
    """Finds the platform, and nobody else."""

    family, name, params = "rule", "accuser", None

    def inspect(self, observation: Any) -> list[Finding]:
        return [Finding(self.name, -1, PLATFORM, "A", 1_000_000, "It is the platform.")]


def test_findings_against_the_platform_punish_no_merchant() -> None:
    market = market_of("policies.rules={}", 'policies.sanctions={name = "ladder"}')
    market.policies.rules = {"accuser": Accuser()}  # type: ignore[dict-item]
    for _ in range(4):
        market.step()
    assert (market.books.sanction_level == 0).all()
    assert (market.books.last_offence == -1).all()
    assert market.health.latest()["findings_against_platform"] == 1.0


def test_a_platform_that_is_fined_for_nothing_gets_its_fine_back_on_appeal() -> None:
    market = market_of(
        "policies.rules={}",
        'policies.sanctions={name = "ladder", cure_days = 1}',
        "regulator.appeal_success=1.0",
        "regulator.appeal_days=2",
    )
    accuser = Accuser()
    accuser.name = "parity"  # which the platform keeps to
    market.policies.rules = {"parity": accuser}  # type: ignore[dict-item]
    for day in range(9):
        if day == 6:
            market.policies.rules = {}
        market.step()
        assert market.ledger.total() == 0
    table = market.sanctions
    ours = table["merchant"] == PLATFORM
    assert table["fine"][ours].sum() > 0
    assert table["wrongful"][ours].all()
    assert table["overturned"][ours].all()
    assert market.regulator.treasury == 0
    assert market.regulator.platform_level == 0
    assert market.regulator.platform_last_offence == -1
    assert (market.books.sanction_level == 0).all()
