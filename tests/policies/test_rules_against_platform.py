"""Rules against the platform: each on a violating, a lawful and an exempt case."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import inspection

from policies.observations import (
    NO_LISTING,
    PLATFORM,
    ContractBook,
    ExposureBook,
    FeeLog,
    Finding,
    ForcedPriceBook,
    InspectionObservation,
    PlatformConduct,
    QuoteBook,
)
from policies.rules.fee_notice import FeeNotice
from policies.rules.forced_loss import ForcedLoss
from policies.rules.parity import Parity
from policies.rules.personal_price import PersonalPrice
from policies.rules.self_preferencing import SelfPreferencing

RULES = (FeeNotice, ForcedLoss, Parity, PersonalPrice, SelfPreferencing)


def found(rule: Any, observation: InspectionObservation, **params: Any) -> list[Finding]:
    findings = rule(rule.Params(name=rule.name, **params)).inspect(observation)
    for one in findings:
        assert (one.rule, one.merchant, one.listing) == (rule.name, PLATFORM, NO_LISTING)
        assert one.illegal_gain >= 0
    return findings


def seen(n: int = 4, **given: Any) -> InspectionObservation:
    """n offers at 10.00 that cost 6.00, of whose prices 60 days are known."""
    return inspection([[1000] * 60] * n, 600, **given)


@pytest.mark.parametrize("rule", RULES)
def test_a_platform_that_does_nothing_is_never_found(rule: Any) -> None:
    assert found(rule, seen()) == []
    idle = PlatformConduct(
        contracts=ContractBook(False, np.zeros(4, bool), np.zeros(4, bool), np.full(60, 1.0)),
        forced=ForcedPriceBook(
            np.zeros(4, bool), np.full(4, 1000), np.zeros(4, bool), np.full(4, -1)
        ),
        exposure=ExposureBook(np.ones((28, 4)), np.zeros(4, bool)),
    )
    assert found(rule, seen(platform=idle)) == []


# Notice of fees.


def fees(published: int, effective: int, rise: float = 0.03, fee: int = 0) -> InspectionObservation:
    log = FeeLog(
        published=np.array([published]),
        effective=np.array([effective]),
        commission_rise=np.array([rise]),
        fee_rise=np.array([fee]),
        sales_recently=100_000.0,
        orders_recently=50.0,
    )
    return seen(platform=PlatformConduct(fees=log))


def test_a_rise_published_two_days_ahead_is_found_with_its_gain() -> None:
    (one,) = found(FeeNotice, fees(published=58, effective=60))
    assert one.grade == "A"
    assert one.illegal_gain == 5 * 3000
    assert "2 days" in one.evidence
    (fee,) = found(FeeNotice, fees(58, 60, rise=0.0, fee=40))
    assert fee.illegal_gain == 5 * 40 * 50


def test_a_rise_published_a_week_ahead_is_lawful() -> None:
    assert found(FeeNotice, fees(58, 65)) == []
    assert len(found(FeeNotice, fees(58, 65), days=15)) == 1


def test_cuts_of_fees_are_exempt_from_notice() -> None:
    assert found(FeeNotice, fees(60, 60, rise=0.0)) == []


def test_a_short_notice_is_found_only_while_it_should_have_run() -> None:
    assert [len(found(FeeNotice, fees(60 - ago, 61 - ago))) for ago in (0, 6, 7)] == [1, 1, 0]


# Forced losses.


def campaign(**given: Any) -> InspectionObservation:
    """The platform sells offer 0 at 5.00 for which 10.00 is asked and which costs 6.00."""
    book = {
        "set_by_platform": np.array([True, False, False, False]),
        "asked": np.full(4, 1000),
        "opted_in": np.zeros(4, bool),
        "refused_on": np.full(4, -1),
    }
    book |= {key: given.pop(key) for key in book.keys() & given.keys()}
    price = given.pop("price", np.array([500, 1000, 1000, 1000]))
    exposure = given.pop("exposure", np.ones((28, 4), np.float32))
    conduct = PlatformConduct(
        forced=ForcedPriceBook(**book), exposure=ExposureBook(exposure, np.zeros(4, bool))
    )
    return seen(price=price, platform=conduct, **given)


def test_a_price_forced_below_variable_cost_is_found_with_what_it_cost() -> None:
    (one,) = found(ForcedLoss, campaign())
    assert one.grade == "A"
    assert one.illegal_gain == 100 * 4
    assert "10.00 was asked, 5.00 against 6.00" in one.evidence


@pytest.mark.parametrize(
    "given",
    [
        {"price": np.array([700, 1000, 1000, 1000])},
        {"set_by_platform": np.zeros(4, bool)},
        {"on_sale": np.zeros(4, bool)},
        {"rows": np.array([1, 2, 3])},
    ],
    ids=["pays its cost", "the merchant's own price", "not on sale", "not inspected"],
)
def test_other_prices_are_no_forced_losses(given: dict[str, Any]) -> None:
    assert found(ForcedLoss, campaign(**given)) == []


def test_merchants_who_agreed_or_ask_less_themselves_are_exempt() -> None:
    assert found(ForcedLoss, campaign(opted_in=np.ones(4, bool))) == []
    assert found(ForcedLoss, campaign(asked=np.full(4, 550))) == []


def refusal(after: float, others: float = 1.0, **given: Any) -> InspectionObservation:
    """Merchants of offers 0 and 1 refused a week ago; what they are shown since, and the others."""
    exposure = np.ones((28, 4), np.float32)
    exposure[-7:] = [after, after, others, others]
    refused_on = np.array([53, 53, -1, -1])
    return campaign(
        exposure=exposure,
        refused_on=refused_on,
        set_by_platform=np.zeros(4, bool),
        price=np.full(4, 1000),
        **given,
    )


def test_who_refuses_and_is_shown_half_as_much_was_punished() -> None:
    (one,) = found(ForcedLoss, refusal(0.5))
    assert one.grade == "B"
    assert "50% less" in one.evidence


def test_a_fall_that_matched_sellers_share_is_no_punishment() -> None:
    assert found(ForcedLoss, refusal(0.85)) == []
    assert found(ForcedLoss, refusal(0.5, others=0.5)) == []
    assert len(found(ForcedLoss, refusal(0.5, others=0.9))) == 1


def test_one_refusal_alone_or_without_records_proves_nothing() -> None:
    assert found(ForcedLoss, refusal(0.5), refusals=3) == []
    blind = refusal(0.5)
    exposure = blind.platform.exposure.exposure.copy()
    exposure[:-5] = np.nan
    book = replace(blind.platform.exposure, exposure=exposure)
    assert found(ForcedLoss, replace(blind, platform=replace(blind.platform, exposure=book))) == []


# Personal prices.


def quotes(personal: float, disclosed: bool = False, noise: float = 0.0) -> InspectionObservation:
    """Forty accounts that spent differently are asked for offer 0, twenty times each."""
    rng = np.random.default_rng(3)
    account = np.repeat(np.arange(40), 20)
    spending = (account - 19.5) / 20
    markup = personal * spending + noise * rng.standard_normal(len(account))
    if disclosed:
        markup = np.minimum(markup, 0.0)
    quote = np.rint(10_000 * (1.0 + markup)).astype(int)
    book = QuoteBook(
        listing=np.zeros(len(account), int),
        account=account,
        posted=np.full(len(account), 10_000),
        quote=quote,
        disclosed=np.maximum(10_000 - quote, 0) if disclosed else np.zeros(len(account), int),
        spending=spending,
        collected=777,
    )
    return seen(platform=PlatformConduct(quotes=book))


def test_prices_that_rise_with_what_an_account_spent_are_found() -> None:
    (one,) = found(PersonalPrice, quotes(0.1, noise=0.01))
    assert one.grade == "A"
    assert one.illegal_gain == 777
    (exact,) = found(PersonalPrice, quotes(0.1))
    assert "for the same goods" in exact.evidence


def test_small_or_random_differences_are_lawful() -> None:
    assert found(PersonalPrice, quotes(0.005)) == []
    assert found(PersonalPrice, quotes(0.0, noise=0.05)) == []


def test_who_spends_less_may_be_asked_more_by_chance_but_not_be_found() -> None:
    assert found(PersonalPrice, quotes(-0.1, noise=0.01)) == []


def test_discounts_that_are_disclosed_to_the_account_are_exempt() -> None:
    assert found(PersonalPrice, quotes(0.1, disclosed=True)) == []


def test_quotes_for_goods_that_are_not_inspected_are_not_looked_at() -> None:
    assert found(PersonalPrice, replace(quotes(0.1), rows=np.array([1, 2, 3]))) == []


def test_few_accounts_prove_nothing() -> None:
    observation = quotes(0.1)
    book = observation.platform.quotes
    few = book.account < 9
    short = QuoteBook(
        *(getattr(book, name)[few] for name in QuoteBook.__slots__[:-1]), collected=777
    )
    assert found(PersonalPrice, replace(observation, platform=PlatformConduct(quotes=short))) == []


# Parity.


def contracts(follows: list[bool], **given: Any) -> InspectionObservation:
    """The rival cuts its prices by 30 % on two days of the last month; offers 0 and 1 follow."""
    level = np.ones(60)
    level[40:45] = level[50:53] = 0.7
    price = np.full((60, 4), 1000)
    price[40:45, :2] = price[50:53, :2] = 700
    book = ContractBook(
        parity_clause=given.pop("clause", False),
        follows=np.array(follows),
        opted_in=given.pop("opted_in", np.zeros(4, bool)),
        rival_level=given.pop("level", level),
    )
    return inspection(price.T.tolist(), 600, platform=PlatformConduct(contracts=book), **given)


def test_a_parity_clause_is_found() -> None:
    (one,) = found(Parity, contracts([False] * 4, clause=True))
    assert (one.grade, one.illegal_gain) == ("A", 0)
    assert "forbid" in one.evidence


def test_prices_made_to_follow_the_rival_are_found() -> None:
    (one,) = found(Parity, contracts([True, True, False, False]))
    assert "100%" in one.evidence


@pytest.mark.parametrize(
    "observation",
    [
        contracts([False] * 4),
        contracts([False, False, True, True]),
        contracts([True, True, True, False]),
        contracts([True, True, False, False], level=np.ones(60)),
        contracts([True, True, False, False], rows=[2, 3]),
    ],
    ids=["of their own accord", "do not move", "two of three", "no moves", "not inspected"],
)
def test_following_that_nobody_imposes_or_that_does_not_happen_is_lawful(
    observation: InspectionObservation,
) -> None:
    assert found(Parity, observation) == []


def test_merchants_who_opted_in_to_following_are_exempt() -> None:
    both = contracts([True, True, False, False], opted_in=np.array([True, True, False, False]))
    assert found(Parity, both) == []


def test_one_move_is_no_pattern() -> None:
    assert len(found(Parity, contracts([True, True, False, False]), moves=4)) == 1
    assert found(Parity, contracts([True, True, False, False]), moves=5) == []
    assert found(Parity, contracts([True, True, False, False]), window=3) == []


# Self-preferencing.


def shelves(first: int, **given: Any) -> InspectionObservation:
    """Offer 0 is the platform's own; it stands at place `first` of 50 lists of four."""
    others = [1, 2, 3]
    order = [*others[:first], 0, *others[first:]]
    own = np.array([True, False, False, False])
    lists = np.tile(np.array(order, np.int32), (50, 1))
    given.setdefault("rating_mean", np.array([3.0, 4.0, 4.0, 4.0]))
    return seen(
        platform=PlatformConduct(exposure=ExposureBook(np.ones((28, 4)), own, lists)), **given
    )


def test_an_own_brand_above_better_offers_is_found() -> None:
    (one,) = found(SelfPreferencing, shelves(first=0))
    assert one.grade == "A"
    assert "100% of 150 better offers" in one.evidence


def test_an_own_brand_among_the_others_is_lawful() -> None:
    assert found(SelfPreferencing, shelves(first=1)) == []
    assert found(SelfPreferencing, shelves(first=0), excess=1.0) == []
    assert found(SelfPreferencing, shelves(first=0), pairs=151) == []
    assert found(SelfPreferencing, shelves(first=0, rows=np.array([1, 2, 3]))) == []


def test_an_own_brand_that_leads_by_price_rating_or_sales_is_exempt() -> None:
    assert found(SelfPreferencing, shelves(0, price=np.array([900, 1000, 1000, 1000]))) == []
    better = np.array([4.5, 4.0, 4.0, 4.0])
    assert found(SelfPreferencing, shelves(0, rating_mean=better)) == []
    assert found(SelfPreferencing, shelves(0, sold_recently=np.array([9.0, 4, 4, 4]))) == []


@settings(max_examples=30)
@given(st.permutations(range(4)))
def test_findings_do_not_depend_on_the_order_of_rows(order: list[int]) -> None:
    for rule, observation in (
        (ForcedLoss, campaign()),
        (ForcedLoss, refusal(0.5)),
        (PersonalPrice, quotes(0.1)),
        (Parity, contracts([True, True, False, False])),
        (SelfPreferencing, shelves(first=0)),
    ):
        mixed = replace(observation, rows=np.array(order))
        assert found(rule, mixed) == found(rule, observation)
