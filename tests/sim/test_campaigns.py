"""Campaigns of the platform in a market: who gets what, who pays it, and what limits hold."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from quiet_markets import SELDOM

from experiments.running import resolve
from policies.observations import PLATFORM, Subsidies, SubsidyOffer
from scenarios.build import build
from scenarios.errors import ScenarioError
from sim.campaigns import NO_LIMIT, STACKING, Campaigns, funding, grants, platform_part
from sim.event_tables import OrderStatus
from sim.ledger import Owner, Purpose
from sim.market import Marketplace
from sim.policy_results import PolicyResultError
from sim.settlement import borne_by_platform, paid_by_buyers
from sim.standing_subsidies import general_subsidy, net_seller_subsidy

SMALL = (
    "roads.rows=5",
    "roads.columns=5",
    "consumers.count=400",
    "commerce.population.visits_per_day=1.0",
    "commerce.generated.listings=60",
    "commerce.generated.merchants=12",
    "commerce.generated.categories=3",
    "policies.price_regulation.name=none",
    "platform.delivery_fee=3.0",
    "events=[]",
    SELDOM,
)


@cache
def lived(*overrides: str, days: int = 3, scenario: str = "tiny") -> Marketplace:
    world = SMALL if scenario == "tiny" else ()
    resolved, folder = resolve(scenario, overrides=(*world, *overrides))
    market = build(resolved, folder=folder)
    for _ in range(days):
        market.step()
        assert market.ledger.total() == 0
    return market


def campaigns(*terms: str, stacking: str = "best") -> str:
    rows = ", ".join(f'{{title = "campaign {number}", {one}}}' for number, one in enumerate(terms))
    return f'policies.subsidy={{name = "campaigns", stacking = "{stacking}", campaigns = [{rows}]}}'


def capped(terms: str) -> tuple[str, ...]:
    return (f'policies.price_regulation={{name = "cap", max_share_of_gmv = 1.0, {terms}}}',)


def one_order(stacking: str, *paying: dict[str, int | float | bool]) -> list[list[int]]:
    """Goods and fee that each campaign pays on an order at 10.00 with a fee of 3.00."""
    common = {
        "goods": 0, "off_fee": 0, "to_seller": False, "cap": NO_LIMIT, "share": 0.0,
        "left": NO_LIMIT, "limit": NO_LIMIT,
    }  # fmt: skip
    rows = [common | one for one in paying]

    def column(name: str, dtype: type) -> NDArray[np.generic]:
        return np.array([row[name] for row in rows], dtype=dtype)

    day = Campaigns(
        per_unit=column("goods", np.int64)[:, None],
        eligible=np.ones((len(rows), 1), bool),
        to_seller=column("to_seller", np.bool_),
        off_fee=column("off_fee", np.int64)[:, None],
        cap=column("cap", np.int64),
        merchant_share=column("share", np.float64),
        left=column("left", np.int64),
        stacking=STACKING[stacking],
        limit=np.array([rows[0]["limit"]], np.int64),
        platform_left=np.array([NO_LIMIT]),
    )
    row = np.zeros(1, np.int64)
    goods, off = grants(day, row, row, np.array([1000]), np.array([300]))
    return [[int(g), int(f)] for g, f in zip(goods[:, 0], off[:, 0], strict=True)]


def test_best_is_the_campaign_that_pays_most_on_the_order() -> None:
    paying = ({"goods": 200}, {"goods": 100, "off_fee": 250}, {"goods": 300, "to_seller": True})
    assert one_order("best", *paying) == [[0, 0], [100, 250], [0, 0]]


def test_of_two_that_pay_the_same_the_first_pays() -> None:
    assert one_order("best", {"goods": 200}, {"goods": 200}) == [[200, 0], [0, 0]]


def test_first_is_the_first_that_pays_anything() -> None:
    paying = ({"goods": 200, "left": 199}, {"goods": 100}, {"goods": 900})
    assert one_order("first", *paying) == [[0, 0], [100, 0], [0, 0]]


def test_added_campaigns_never_pay_more_than_price_and_fee() -> None:
    paying = ({"goods": 700}, {"goods": 700, "to_seller": True}, {"off_fee": 200}, {"off_fee": 200})
    assert one_order("add", *paying) == [[700, 0], [300, 0], [0, 200], [0, 100]]


def test_a_cap_an_order_counts_the_delivery_fee_last() -> None:
    assert one_order("best", {"goods": 200, "off_fee": 250, "cap": 300}) == [[200, 100]]


def test_a_campaign_whose_budget_does_not_cover_the_order_pays_nothing() -> None:
    assert one_order("add", {"goods": 200, "off_fee": 250, "left": 449}, {"goods": 1}) == [
        [0, 0],
        [1, 0],
    ]


def test_the_limit_holds_on_the_sum_of_what_the_platform_bears() -> None:
    paying = ({"goods": 200, "limit": 350}, {"goods": 100, "to_seller": True}, {"off_fee": 250})
    assert one_order("add", *paying) == [[200, 0], [100, 0], [0, 50]]
    shared = (
        {"goods": 200, "share": 0.5, "limit": 150},
        {"goods": 400, "share": 1.0},
        {"goods": 90},
    )
    assert one_order("add", *shared) == [[200, 0], [400, 0], [50, 0]]


offered = st.fixed_dictionaries(
    {
        "goods": st.integers(0, 1500),
        "off_fee": st.integers(0, 500),
        "to_seller": st.booleans(),
        "cap": st.sampled_from([NO_LIMIT, 0, 120, 333]),
        "share": st.sampled_from([0.0, 0.07, 0.3, 0.5, 0.999, 1.0]),
        "left": st.sampled_from([NO_LIMIT, 0, 200, 777]),
        "limit": st.sampled_from([NO_LIMIT, 0, 1, 99, 450]),
    }
)


@settings(max_examples=200)
@given(st.lists(offered, min_size=1, max_size=5), st.sampled_from(list(STACKING)))
def test_whatever_is_offered_price_fee_budgets_and_limit_hold(offers, stacking) -> None:
    for one in offers:
        one["share"] = 0.0 if one["to_seller"] else one["share"]
    paid = np.array(one_order(stacking, *offers))
    assert (paid >= 0).all()
    assert paid[:, 0].sum() <= 1000
    assert paid[:, 1].sum() <= 300
    assert (paid.sum(axis=1) <= [min(one["cap"], one["left"]) for one in offers]).all()
    if stacking != "add":
        assert np.count_nonzero(paid.sum(axis=1)) <= 1
    day = Campaigns(
        np.zeros((len(offers), 1)), np.ones((len(offers), 1)),
        np.array([one["to_seller"] for one in offers]), np.zeros(len(offers)),
        np.zeros(len(offers)), np.array([one["share"] for one in offers]), np.zeros(len(offers)),
        0, np.zeros(1), np.zeros(1),
    )  # fmt: skip
    bill = funding(day, paid[:, :1], paid[:, 1:])
    assert 0 <= platform_part(bill)[0] <= offers[0]["limit"]


SHARED = campaigns(
    "amount = 1.0, merchant_share = 0.5",
    "share = 0.05, to_seller = true",
    "off_fee = 2.0, merchant_share = 0.25",
    stacking="add",
)


def test_stacked_campaigns_are_paid_by_whom_they_say_and_money_is_conserved() -> None:
    market = lived(
        SHARED, "consumers.response.return_rate=0.5", "delivery.failure_rate=0.4", days=8
    )
    orders = market.orders
    assert (orders["unit_subsidy"] == 100).all()
    np.testing.assert_array_equal(
        orders["seller_subsidy"], np.rint(0.05 * orders["unit_price"]).astype(int)
    )
    paying = orders["delivery_fee"] > 0
    assert (orders["fee_subsidy"] == np.where(paying, 200, 0)).all()
    assert (orders["merchant_funded"] == 50).all()
    assert (orders["merchant_funded_fee"] == np.where(paying, 50, 0)).all()
    for status in OrderStatus:
        assert (orders["status"] == status).any()
    transfers = market.ledger.transfers
    ended = np.flatnonzero(orders["status"] >= OrderStatus.DELIVERED)
    delivered = ended[orders["status"][ended] != OrderStatus.CANCELLED]
    funded = transfers["purpose"] == Purpose.CAMPAIGN_SHARE
    by_merchants = funded & (transfers["payee"] == market.ledger.account(Owner.PLATFORM))
    assert (
        transfers["amount"][by_merchants].sum()
        == (orders["merchant_funded"][delivered] + orders["merchant_funded_fee"][delivered]).sum()
    )
    refunded = orders["status"] == OrderStatus.REFUNDED
    whole = refunded & (orders["refunded"] == orders["unit_price"] - orders["unit_subsidy"])
    back = transfers["amount"][funded & ~by_merchants]
    assert back.sum() >= 50 * whole.sum() > 0
    gone = np.flatnonzero(orders["status"] == OrderStatus.CANCELLED)
    np.testing.assert_array_equal(orders["refunded"][gone], paid_by_buyers(market, gone))


def test_what_came_back_with_cancelled_orders_is_not_counted_as_paid() -> None:
    market = lived(SHARED, "delivery.failure_rate=1.0", "delivery.give_up_days=1", days=6)
    orders = np.arange(len(market.orders))
    standing = orders[market.orders["status"] != OrderStatus.CANCELLED]
    assert len(standing) < len(orders)
    goods, fee = borne_by_platform(market, standing)
    assert market.subsidy_so_far == goods.sum() + fee.sum()


@pytest.mark.parametrize(
    ("terms", "column"),
    [
        ("amount = 2.0", "unit_subsidy"),
        ("amount = 2.0, to_seller = true", "seller_subsidy"),
        ("off_fee = 2.0", "fee_subsidy"),
    ],
)
def test_a_days_budget_counts_whatever_is_paid(terms: str, column: str) -> None:
    market = lived(campaigns(f"{terms}, daily_budget = 101.0"))
    days = market.orders["day"]
    for day in range(3):
        assert market.orders[column][days == day].sum() == 10_000


def test_a_campaign_ends_when_its_funds_are_spent_and_its_record_says_so() -> None:
    market = lived(campaigns("amount = 2.0, total_budget = 300.0"), days=4)
    assert market.orders["unit_subsidy"].sum() == 30_000
    (record,) = market.campaign_register.records(market.day)
    assert (record.paid, record.funded, record.first_day, record.last_day) == (30_000, 30_000, 0, 3)


@pytest.mark.parametrize("whom", ['categories = ["Kitchen"]', 'recipients = "small_merchants"'])
def test_delivery_is_subsidised_for_those_goods_and_shops_alone_that_a_campaign_is_for(
    whom: str,
) -> None:
    market = lived(campaigns(f"off_fee = 2.0, amount = 1.0, {whom}"))
    orders = market.orders
    meant = orders["category"] == market.category_names.index("Kitchen")
    if "small" in whom:
        meant = market.books.size[orders["merchant"]] == 0
    pays_fee = orders["delivery_fee"] > 0
    assert (meant & pays_fee).sum() > 10 < (~meant & pays_fee).sum()
    np.testing.assert_array_equal(orders["fee_subsidy"], np.where(meant & pays_fee, 200, 0))
    np.testing.assert_array_equal(orders["unit_subsidy"], np.where(meant, 100, 0))


@pytest.mark.parametrize("demand", ["sampled", "expected"])
@pytest.mark.parametrize("terms", ["share = 0.4, to_seller = true", "share = 0.4"])
def test_merchants_do_not_price_on_a_campaign_whose_funds_are_spent(
    terms: str, demand: str
) -> None:
    how = (
        "merchants.strategies={cost_plus = 0.5, best_response = 0.5}",
        "merchants.misconduct={}",
        f"consumers.choice.demand={demand}",
    )
    spent = lived(campaigns(f"{terms}, total_budget = 20.0"), *how, days=5)
    never = lived(campaigns(f"{terms}, total_budget = 0.0"), *how, days=1)
    assert spent.campaign_register.paid("campaign 0") > 1000
    assert not net_seller_subsidy(spent).any()
    assert not general_subsidy(spent).off_price.any()
    assert not general_subsidy(never).off_price.any()


def test_a_subsidy_whose_budget_ends_early_lowers_costs_as_far_as_it_goes() -> None:
    terms = "amount = 2.0, to_seller = true"
    rich = lived(campaigns(terms), days=1)
    poor = lived(campaigns(f"{terms}, daily_budget = 101.0"), days=1)
    served = 5000 // 100 / len(poor.orders)
    assert 0.1 < served < 0.9
    assert (net_seller_subsidy(rich) == 200).all()
    assert (net_seller_subsidy(poor) == round(200 * served)).all()


def test_a_share_of_the_price_holds_between_inspections_when_prices_fall() -> None:
    market = lived(
        campaigns("share = 0.5"),
        *capped("max_share_of_price = 0.3"),
        "regulator.inspect_every_days=7",
        "merchants.strategies={surge = 0.5, undercutting = 0.5}",
        days=12,
    )
    orders = market.orders
    assert len(orders) > 1000
    assert (orders["unit_subsidy"] > 0).all()
    assert (orders["unit_subsidy"] <= 0.3 * orders["unit_price"]).all()


def test_days_and_hours_bound_a_campaign() -> None:
    terms = "amount = 1.0, from_day = 1, until_day = 3, from_hour = 10.0, until_hour = 14.0"
    market = lived(campaigns(terms), days=4)
    orders = market.orders
    hour = orders["minute"] / 60.0
    inside = (orders["day"] >= 1) & (orders["day"] < 3) & (hour >= 10.0) & (hour < 14.0)
    np.testing.assert_array_equal(orders["unit_subsidy"], np.where(inside, 100, 0))
    (record,) = market.campaign_register.records(market.day)
    assert record.ended
    assert (record.first_day, record.last_day) == (1, 2)


@pytest.mark.parametrize("stacking", ["best", "add", "first"])
def test_the_regulators_limit_holds_on_every_order(stacking: str) -> None:
    market = lived(
        campaigns(
            "share = 0.2", "share = 0.3, to_seller = true", "off_fee = 3.0", stacking=stacking
        ),
        *capped("max_share_of_price = 0.25"),
    )
    orders = np.arange(len(market.orders))
    goods, fee = borne_by_platform(market, orders)
    price = market.orders["unit_price"]
    assert (goods + fee <= 0.25 * price).all()
    assert (goods + fee > 0).any()
    if stacking == "add":
        assert (goods + fee == np.floor(0.25 * price)).mean() > 0.9


def test_a_total_over_the_run_is_never_exceeded_even_between_inspections() -> None:
    market = lived(
        campaigns("share = 0.3", "off_fee = 1.0", stacking="add"),
        *capped("total_budget = 900.0"),
        "regulator.inspect_every_days=4",
        "consumers.response.return_rate=0.0",
        "consumers.response.complaint_rate=0.0",
        "consumers.response.false_complaint_rate=0.0",
        days=6,
    )
    assert market.subsidy_so_far <= 90_000
    assert market.subsidy_so_far == 90_000


def test_a_share_of_revenue_bounds_every_day() -> None:
    market = lived(
        campaigns("share = 0.3"),
        *capped("max_share_of_revenue = 0.2"),
        days=5,
    )
    spent = market.health.frame()["subsidy_spend"].to_numpy()
    assert spent[0] > 3 * spent[1:].max() > 0


def expected_market(*overrides: str) -> Marketplace:
    return lived(*overrides, scenario="duopoly", days=1)


@pytest.mark.parametrize("to_seller", ["true", "false"])
def test_expected_demand_spends_a_budget_and_no_more(to_seller: str) -> None:
    terms = f"amount = 100.0, to_seller = {to_seller}, daily_budget = 25_000_000.0"
    market = expected_market(campaigns(terms))
    paid = market.today.subsidy_paid
    assert 25_000_000_00 - 2 * 100_00 <= paid <= 25_000_000_00
    assert market.today.campaign_paid.tolist() == [paid]
    subsidised = market.orders["unit_subsidy"] + market.orders["seller_subsidy"] > 0
    assert market.orders["quantity"][subsidised].sum() == paid / 100_00
    assert market.orders["quantity"][~subsidised].sum() > 0


def test_expected_demand_answers_a_subsidy_off_the_fee_as_one_off_the_price() -> None:
    def bought(terms: str) -> NDArray[np.int64]:
        market = expected_market(campaigns(terms), "platform.delivery_fee=100.0")
        return market.orders["quantity"]

    np.testing.assert_array_equal(bought("amount = 80.0"), bought("off_fee = 80.0"))
    assert bought("off_fee = 80.0").sum() > bought("off_fee = 0.0").sum()


def test_when_a_budget_ends_the_other_campaign_goes_on() -> None:
    market = expected_market(
        campaigns("amount = 100.0, daily_budget = 20_000_000.0", "amount = 50.0")
    )
    orders = market.orders
    assert set(orders["unit_subsidy"].tolist()) == {100_00, 50_00}
    assert market.today.campaign_paid[0] <= 20_000_000_00
    assert market.today.campaign_paid[1] > 0


def test_a_merchant_who_pays_the_whole_campaign_charges_it() -> None:
    """Nothing changes for anybody if those who get a discount are charged it before."""
    plain = lived(scenario="duopoly", days=40)
    funded = lived(campaigns("amount = 100.0, merchant_share = 1.0"), scenario="duopoly", days=40)
    net = funded.listings.price - 100_00
    np.testing.assert_allclose(net, plain.listings.price, atol=2)
    assert funded.today.subsidy_paid == 0


class Scripted:
    """A subsidy policy that offers what a test tells it to."""

    name = "scripted"

    def __init__(self, make) -> None:
        self.make = make

    def offer(self, observation):
        listings, sessions = len(observation.listings.price), len(observation.sessions.category)
        return self.make(np.full(listings, 50), np.ones(sessions, bool))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p, e: None, "must return a SubsidyOffer or Subsidies, not NoneType"),
        (lambda p, e: Subsidies((SubsidyOffer(p, e),), "all"), "best, add, first, not 'all'"),
        (lambda p, e: Subsidies((1,)), "offers must be SubsidyOffers, not int"),
        (lambda p, e: Subsidies((SubsidyOffer(p, e),) * 2), "two campaigns have one name"),
        (lambda p, e: SubsidyOffer(p / 2.0, e), "per_unit must be integer cents of shape"),
        (lambda p, e: SubsidyOffer(-p, e), "per_unit must be >= 0 cents, not -50"),
        (lambda p, e: SubsidyOffer(p, e[1:]), "eligible must be true or false for each of"),
        (lambda p, e: SubsidyOffer(p, e, off_fee=1.5), "off_fee must be whole cents >= 0, not 1.5"),
        (lambda p, e: SubsidyOffer(p, e, budget=-1), "budget must be whole cents >= 0, not -1"),
        (lambda p, e: SubsidyOffer(p, e, merchant_share=1.1), "must lie in 0 to 1, not 1.1"),
        (
            lambda p, e: SubsidyOffer(p, e, to_seller=True, merchant_share=0.1),
            "merchant_share must be 0 with to_seller, not 0.1",
        ),
    ],
)
def test_what_is_no_offer_is_refused_with_the_policys_name(make, message: str) -> None:
    scenario, folder = resolve("tiny", overrides=SMALL)
    market = build(scenario, folder=folder)
    market.policies.subsidy = Scripted(make)
    with pytest.raises(PolicyResultError, match="scripted") as refused:
        market.step()
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "override",
    [
        campaigns('categories = ["Shoos"]'),
        (
            'events=[{kind = "change", day = 1, key = "policies.subsidy", value = {name = '
            '"campaigns", campaigns = [{title = "a", categories = ["Shoos"]}]}}]'
        ),
    ],
)
def test_a_campaign_for_a_category_that_is_not_sold_is_refused(override: str) -> None:
    with pytest.raises((ScenarioError, ValueError), match="no category 'Shoos'"):
        lived(override, days=0)


def found(rule: str, *overrides: str, days: int) -> list[str]:
    """Evidence of what a rule found against the platform on the last day."""
    market = lived(
        f"policies.rules={{{rule} = {{}}}}", "policies.sanctions.name=none", *overrides, days=days
    )
    assert all(one.merchant == PLATFORM for one in market.today.findings)
    return [one.evidence for one in market.today.findings]


def test_a_generous_platform_is_found_and_a_sparing_one_is_not() -> None:
    generous = found("subsidy_limit", campaigns("share = 0.6"), days=9)
    assert any("of the GMV" in one for one in generous)
    assert any("more than 50% of the price" in one for one in generous)
    assert any("below their variable cost" in one for one in generous)
    margins = "commerce.generated.margin_low=0.4", "commerce.generated.margin_high=0.5"
    assert found("subsidy_limit", campaigns("share = 0.05"), *margins, days=9) == []
    assert found("subsidy_limit", days=9) == []


def test_a_page_is_judged_by_what_it_tells_and_what_is_paid() -> None:
    honest = "amount = 1.0, until_day = 2, total_budget = 60.0"
    assert found("subsidy_disclosure", campaigns(honest), days=4) == []
    silent = found(
        "subsidy_disclosure", campaigns(f'{honest}, undisclosed = ["conditions"]'), days=4
    )
    assert len(silent) == 1
    assert "conditions" in silent[0]
    boastful = found("subsidy_disclosure", campaigns(f"{honest}, announced_total = 6000.0"), days=4)
    assert any("are set aside" in one for one in boastful)
    assert any("paid 60.00 until its end" in one for one in boastful)
