"""Cost-plus and fixed prices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from records import pricing_view

from policies.merchant_pricing.cost_plus import CostPlus
from policies.merchant_pricing.fixed import FixedPrice
from policies.observations import PricingView


def morning(price, cost, commission=0.0, subsidy=0) -> PricingView:
    price = np.asarray(price, dtype=np.int64)
    n = len(price)
    return pricing_view(
        price,
        cost,
        commission=np.full(n, commission),
        seller_subsidy=np.full(n, subsidy, dtype=np.int64),
    )


@given(
    st.integers(1, 1_000_000),
    st.integers(0, 1_000_000),
    st.floats(0.0, 10.0),
    st.floats(0.05, 1.0),
    st.floats(0.0, 0.9),
)
def test_cost_plus_moves_monotonically_to_its_target_and_stays(
    price, cost, markup, adjustment, commission
) -> None:
    policy = CostPlus(CostPlus.Params(name="cost_plus", markup=markup, adjustment=adjustment))
    target = max(cost / (1.0 - commission), 1.0) * (1.0 + markup)
    path = [price]
    for _ in range(700):
        path.append(int(policy.price(morning([path[-1]], [cost], commission))[0]))
        if path[-1] == path[-2]:
            break
    assert path[-1] == path[-2]
    assert path[-1] == pytest.approx(max(target, 1.0), abs=1.0)
    gaps = np.abs(np.array(path) - target)
    assert (np.diff(gaps) <= 1e-6 + 0.5).all()


def test_a_sellers_subsidy_is_passed_on_as_if_costs_had_fallen() -> None:
    policy = CostPlus(CostPlus.Params(name="cost_plus", markup=0.5, adjustment=1.0))
    price = policy.price(morning([5000, 5000], [2000, 1000], subsidy=400))
    np.testing.assert_array_equal(price, [2400, 900])


def test_a_subsidy_above_cost_never_makes_a_price_of_nothing() -> None:
    policy = CostPlus(CostPlus.Params(name="cost_plus", markup=0.0, adjustment=1.0))
    assert policy.price(morning([500], [100], subsidy=9999)).min() >= 1


def test_a_fixed_price_stays() -> None:
    view = morning([1234, 99], [1, 1])
    np.testing.assert_array_equal(
        FixedPrice(FixedPrice.Params(name="fixed")).price(view), [1234, 99]
    )


@pytest.mark.parametrize("params", [{"markup": -0.1}, {"adjustment": 0.0}, {"margin": 0.2}])
def test_parameters_out_of_range_or_unknown_are_refused(params) -> None:
    with pytest.raises(ValidationError):
        CostPlus.Params(name="cost_plus", **params)
