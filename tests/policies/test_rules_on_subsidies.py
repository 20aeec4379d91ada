"""Rules on the platform's subsidies: each on a breach, on lawful conduct, and on what is exempt."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from records import campaign_book, inspection

from policies.observations import (
    NO_LISTING,
    PLATFORM,
    CampaignNotice,
    CampaignRecord,
    Finding,
    InspectionObservation,
)
from policies.rules.subsidy_disclosure import SubsidyDisclosure
from policies.rules.subsidy_limit import SubsidyLimit

NOTICE = CampaignNotice("everybody", "1.00 a unit", "on all goods", 10, 70, 1_000_000)


def campaign(notice: CampaignNotice = NOTICE, **given: Any) -> CampaignRecord:
    """A campaign that is disclosed in full, funded as announced, and running."""
    fields = {"funded": 1_000_000, "paid": 0, "first_day": 10, "last_day": 59, "ended": False}
    return CampaignRecord(name="tea week", notice=notice, **(fields | given))


def subsidised(
    offers: int = 3, orders: int = 6, cost: int = 600, **given: Any
) -> InspectionObservation:
    """Offers at 10.00 with a cost of 6.00; what is given is of the platform's books, or beside."""
    own = {name: given.pop(name) for name in tuple(given) if name not in BESIDE}
    book = campaign_book(offers, orders, **own)
    return inspection([[1000] * 60] * offers, cost=cost, campaigns=book, **given)


BESIDE = (
    "stock_cover_days", "life_left", "closing", "rows", "day", "rivals_left", "platform_share",
    "average_total_cost",
)  # fmt: skip


def limited(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return SubsidyLimit(SubsidyLimit.Params(name="subsidy_limit", **params)).inspect(observation)


def disclosed(*campaigns: CampaignRecord, day: int = 60, **params: Any) -> list[Finding]:
    rule = SubsidyDisclosure(SubsidyDisclosure.Params(name="subsidy_disclosure", **params))
    return rule.inspect(subsidised(campaigns=campaigns, day=day))


BELOW = {
    "effective_price": np.array([550.0, 900.0, np.nan]),
    "was_below_cost": np.tile([True, False, False], (60, 1)),
    "order_subsidy": np.array([450, 100, 0, 450, 100, 0]),
}
"""A platform that pays 4.50 of the first offer's 10.00, so that it sells below its cost of 6.00."""

BREACHES = {
    "share of GMV": ({"subsidy_week": np.array([1_200_000])}, 150_000, "17.1% of the GMV"),
    "share of the price": (
        {"order_subsidy": np.array([0, 501, 0, 700, 500, 0])},
        201,
        "2 of 6 orders of yesterday; at worst 7.00 on a price of 10.00",
    ),
    "for nothing": (
        {"order_subsidy": np.full(6, 500), "order_paid": np.array([500, 0, 500, 0, 500, 500])},
        1_000,
        "2 of 6 orders of yesterday be had for nothing",
    ),
    "below cost": (BELOW, 1_100, "for 5.50 after subsidy, at a cost of 6.00"),
}


@pytest.mark.parametrize(("record", "gain", "told"), BREACHES.values(), ids=BREACHES)
def test_a_breach_of_the_limit_is_found_against_the_platform(record, gain, told) -> None:
    (one,) = limited(subsidised(**record))
    assert (one.rule, one.merchant, one.listing, one.grade) == (
        "subsidy_limit", PLATFORM, NO_LISTING, "A",
    )  # fmt: skip
    assert one.illegal_gain == gain
    assert told in one.evidence


def test_subsidies_beyond_the_budget_are_found() -> None:
    (one,) = limited(subsidised(subsidy_so_far=60_000), total_budget=500.0)
    assert one.illegal_gain == 10_000
    assert limited(subsidised(subsidy_so_far=50_000), total_budget=500.0) == []
    assert limited(subsidised(subsidy_so_far=10**12)) == []


@pytest.mark.parametrize(
    "record",
    [
        {"subsidy_week": np.array([1_050_000])},
        {"subsidy_week": np.array([9_000_000]), "days": 6},
        {"order_subsidy": np.full(6, 500)},
        {"order_paid": np.zeros(6, int)},
        BELOW | {"was_below_cost": np.arange(60)[:, None].repeat(3, 1) < 59},
        BELOW | {"was_below_cost": np.arange(60)[:, None].repeat(3, 1) >= 54},
    ],
    ids=["at the limit", "too few days", "half the price", "free, not by subsidy",
         "mended yesterday", "on six days"],
)  # fmt: skip
def test_what_keeps_to_the_limit_is_not_found(record) -> None:
    assert limited(subsidised(**record)) == []


@pytest.mark.parametrize(("record", "gain", "told"), BREACHES.values(), ids=BREACHES)
def test_the_disclosed_launch_of_a_category_is_exempt_for_thirty_days(record, gain, told) -> None:
    launch = record | {"launched": np.array([30]), "campaigns": (campaign(),)}
    assert limited(subsidised(**launch)) == []
    assert len(limited(subsidised(**launch, day=61))) == 1
    silent = launch | {"campaigns": (campaign(CampaignNotice("everybody", "1.00", "", 10, 70, 9)),)}
    assert len(limited(subsidised(**silent))) == 1


@pytest.mark.parametrize(
    "excuse",
    [
        {"stock_cover_days": np.full(3, 61.0)},
        {"life_left": np.full(3, 0.2)},
        {"closing": np.ones(3, bool)},
    ],
    ids=["overstock", "near its expiry", "closing"],
)
def test_what_explains_a_sale_below_cost_explains_it_for_the_platform_too(excuse) -> None:
    assert limited(subsidised(**BELOW, **excuse)) == []


@pytest.mark.parametrize("kind", ["fresh", "seasonal"])
def test_fresh_and_seasonal_goods_are_exempt_from_the_test_of_costs(kind: str) -> None:
    assert limited(subsidised(**BELOW), **{kind: ("tea",)}) == []
    assert len(limited(subsidised(**BELOW), **{kind: ("cups",)})) == 1


def test_prices_between_variable_and_total_cost_need_context() -> None:
    record = {
        "effective_price": np.array([700.0, 900.0, np.nan]),
        "order_subsidy": np.array([300, 100, 0, 300, 100, 0]),
        "average_total_cost": np.full(3, 800.0),
    }
    (one,) = limited(subsidised(**record, rivals_left=np.array([1, 0, 0])))
    assert one.grade == "B"
    assert limited(subsidised(**record)) == []
    assert limited(subsidised(**record, rivals_left=np.ones(3, int), platform_share=0.4)) == []


def test_only_inspected_offers_are_looked_at() -> None:
    assert limited(subsidised(**BELOW, rows=np.array([1, 2]))) == []
    order = {"order_subsidy": np.array([900, 0, 0, 0, 0, 0])}
    assert limited(subsidised(**order, rows=np.array([1, 2]))) == []
    assert len(limited(subsidised(**order, rows=np.array([0])))) == 1


@given(st.permutations(range(6)))
def test_findings_do_not_depend_on_the_order_of_orders(order) -> None:
    subsidy = np.array([0, 501, 0, 700, 500, 0])
    listing = np.arange(6) % 3
    shuffled = {"order_subsidy": subsidy[list(order)], "order_listing": listing[list(order)]}
    assert limited(subsidised(**shuffled)) == limited(subsidised(order_subsidy=subsidy))


def test_a_platform_without_subsidies_is_never_found() -> None:
    assert limited(subsidised()) == []
    assert disclosed() == []


def test_a_window_shorter_than_the_days_is_refused() -> None:
    with pytest.raises(ValidationError, match="can never be reached"):
        SubsidyLimit.Params(name="subsidy_limit", days=8, window=7)


def test_a_page_that_is_silent_is_found_with_what_it_lacks() -> None:
    (one,) = disclosed(campaign(CampaignNotice("", "1.00 a unit", "on all goods", 10)))
    assert (one.rule, one.merchant, one.grade) == ("subsidy_disclosure", PLATFORM, "A")
    assert "recipients, end, total" in one.evidence


def test_an_announced_sum_that_is_not_there_is_found() -> None:
    (one,) = disclosed(campaign(funded=400_000))
    assert one.illegal_gain == 600_000
    assert "announces 10,000.00; 4,000.00 are set aside" in one.evidence


def test_a_campaign_that_paid_too_little_until_its_end_is_found() -> None:
    (one,) = disclosed(campaign(paid=800_000, ended=True))
    assert (one.grade, one.illegal_gain) == ("B", 100_000)
    assert "80%" in one.evidence


@pytest.mark.parametrize(
    "record",
    [campaign(), campaign(funded=-1), campaign(paid=900_000, ended=True)],
    ids=["running", "without a limit of its own", "paid nine tenths"],
)
def test_a_campaign_that_tells_all_and_pays_it_is_lawful(record) -> None:
    assert disclosed(record) == []


def test_a_campaign_need_not_have_paid_before_its_end_and_is_forgotten_long_after() -> None:
    assert disclosed(campaign(paid=0)) == []
    ended = campaign(paid=0, ended=True, last_day=29)
    assert len(disclosed(ended, day=59)) == 1
    assert disclosed(ended, day=60) == []
