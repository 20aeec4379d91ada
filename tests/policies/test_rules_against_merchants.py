"""What holds for every rule against merchants, whatever the records."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import inspection

from policies import registry
from policies.observations import InspectionObservation

DAYS = 80
RULES = ("below_cost", "bait_price", "collusion", "discount_base", "false_discount", "gouging")


def found(rule: str, observation: InspectionObservation) -> list[tuple[int, int, str, int]]:
    """Listing, merchant, grade and gain of each finding, sorted."""
    policy = registry.find("rule", rule)
    params = {"signs": 1} if rule == "collusion" else {}
    findings = policy(policy.Params(name=rule, **params)).inspect(observation)
    return sorted((one.listing, one.merchant, one.grade, one.illegal_gain) for one in findings)


def records(seed: int, n: int) -> InspectionObservation:
    """Records of n offers with all that a merchant may do to a price, at random."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([0.8, 1.0, 1.0, 1.0, 1.25], size=(n, DAYS + 1))
    asked = np.rint(1000 * np.cumprod(steps, axis=1)).clip(200, 5000).astype(int)
    told = np.where(rng.random((n, DAYS + 1)) < 0.6, asked * 3 // 2, asked)
    bait = rng.random(n) < 0.3
    shown = np.where(bait[:, None], asked * 4 // 5, asked)
    unborn = np.arange(DAYS) < rng.integers(0, DAYS, n)[:, None] * (rng.random(n) < 0.3)[:, None]
    past = ~unborn
    category = rng.integers(0, 2, n)
    share = rng.random(n)
    return inspection(
        np.where(past, shown[:, :-1], 0),
        600,
        checkout=np.where(past, asked[:, :-1], 0).T,
        announced=np.where(past, told[:, :-1], 0).T,
        units=(rng.poisson(1.0, (DAYS, n)) * past.T),
        price=shown[:, -1],
        checkout_price=asked[:, -1],
        list_price=np.maximum(told[:, -1], shown[:, -1]),
        average_total_cost=np.full(n, 900.0),
        was_below_total_cost=np.where(past, asked[:, :-1], 9999).T < 900,
        category=category,
        category_names=("salt", "tea"),
        category_reference_price=np.array([1000, 1000]),
        cost_index=np.ones((DAYS + 1, 2)),
        category_share=share,
        category_share_before=share - rng.choice([0.0, 0.1], n),
        rivals_left=rng.integers(0, 2, n),
        declared=category == 0,
        since=np.where(category == 0, 70, -1),
        price_before=np.where(past[:, 65], asked[:, 65], 0),
        cost_before=np.full(n, 600),
        day=DAYS,
    )


def reordered(observation: InspectionObservation, order: np.ndarray) -> InspectionObservation:
    """The same offers, each in another row."""

    def moved(part: Any) -> Any:
        columns: dict[str, Any] = {}
        for field in fields(part):
            column = getattr(part, field.name)
            if isinstance(column, np.ndarray) and column.shape[-1:] == order.shape:
                columns[field.name] = column[..., order]
        return replace(part, **columns)

    parts = ("listings", "prices", "books", "shares", "emergency", "announced")
    return replace(observation, **{name: moved(getattr(observation, name)) for name in parts})


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 12))
def test_findings_do_not_hang_on_the_order_of_rows(rule: str, seed: int, n: int) -> None:
    observation = records(seed, n)
    order = np.random.default_rng(seed).permutation(n)
    back = dict(enumerate(order.tolist())) | {-1: -1}
    moved = [
        (back[listing], *rest) for listing, *rest in found(rule, reordered(observation, order))
    ]
    assert sorted(moved) == found(rule, observation)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(3, 12), data=st.data())
def test_only_what_is_inspected_is_found(rule: str, seed: int, n: int, data: st.DataObject) -> None:
    observation = records(seed, n)
    rows = data.draw(st.sets(st.integers(0, n - 1)))
    part = replace(observation, rows=np.array(sorted(rows), dtype=np.int64))
    merchants = {int(observation.listings.merchant[row]) for row in rows}
    expected = [
        one
        for one in found(rule, observation)
        if (one[0] in rows if one[0] >= 0 else one[1] in merchants)
    ]
    if rule == "collusion":  # a category is screened if any of it is inspected
        assert set(found(rule, part)) <= set(expected)
    else:
        assert found(rule, part) == expected


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=25, deadline=None)
@given(
    price=st.integers(700, 10_000),
    listed=st.integers(0, DAYS),
    units=st.lists(st.integers(0, 5), min_size=DAYS, max_size=DAYS),
    declared=st.booleans(),
    share=st.floats(0.0, 1.0),
)
def test_who_never_changes_a_price_and_announces_nothing_is_never_found(
    rule: str, price: int, listed: int, units: list[int], declared: bool, share: float
) -> None:
    history = np.where(np.arange(DAYS) < DAYS - listed, 0, price)
    observation = inspection(
        history[None],
        600,
        price=np.array([price]),
        units=np.array([units]).T,
        declared=np.array([declared]),
        since=np.array([DAYS - 5 if declared else -1]),
        price_before=np.array([price]),
        cost_before=np.array([600]),
        category_share=np.array([share]),
        rivals_left=np.array([1]),
        day=DAYS,
    )
    assert found(rule, observation) == []


def test_every_rule_finds_something_in_the_records_of_these_tests() -> None:
    for rule in RULES:
        assert any(found(rule, records(seed, 12)) for seed in range(5)), rule
