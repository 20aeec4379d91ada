"""What couriers do in a small market: acceptance, breaks, going offline, vehicles."""

import numpy as np
import pytest

from scenarios.errors import ScenarioError
from sim.event_tables import Ending
from sim.ledger import Owner, Purpose
from tests.quiet_markets import founded, lived

DAY = 1440.0


def test_couriers_accept_with_their_chance_and_answer_alike_whatever_the_policy() -> None:
    market = lived(4, "couriers.acceptance=0.6")
    offers, refusals = market.shifts["offers"].sum(), market.shifts["refusals"].sum()
    assert offers > 300
    assert abs(refusals / offers - 0.4) < 0.1
    np.testing.assert_array_less(0.0, market.health.frame()["refusals_share"].to_numpy())
    assert lived(1).shifts["refusals"].sum() == 0


def test_nobody_takes_anything_if_nobody_accepts() -> None:
    market = lived(2, "couriers.acceptance=0.0")
    assert market.shifts["deliveries"].sum() == 0
    assert len(market.legs) == 0


def test_breaks_are_taken_without_a_parcel_on_board() -> None:
    breaks = ("couriers.break_minutes=30.0", "couriers.break_after_hours=2.0")
    market = lived(2, *breaks, "couriers.count=12")
    resting = market.shifts["minutes_resting"]
    assert set(np.round(resting).tolist()) <= set(range(31))
    assert (resting == 30.0).mean() > 0.5
    assert lived(1).shifts["minutes_resting"].sum() == 0.0


def test_couriers_who_go_offline_leave_their_parcels_to_others() -> None:
    event = 'events=[{kind = "courier_dropout", day = 1, until = 2, rate = 0.5}]'
    market = lived(3, event, "couriers.count=12")
    shifts, jobs = market.shifts, market.deliveries
    early = shifts["end"] < shifts["planned_end"]
    assert early[shifts["day"] == 1].sum() > 1
    assert not early[shifts["day"] != 1].any()
    several = [
        job
        for job in range(len(jobs))
        if len(np.unique(market.legs["courier"][market.legs["job"] == job])) > 1
    ]
    assert (jobs["ending"][several] == Ending.DELIVERED).any()


def test_vehicles_are_shared_out_and_count_with_their_own_load_speed_and_exhaust() -> None:
    vans = (
        'couriers.vehicles=[{name = "bicycle", share = 0.75, capacity = 3, grams_co2_per_km = 0.0},'
        '{name = "van", share = 0.25, capacity = 20, grams_co2_per_km = 200.0, '
        "cost_per_km = 0.5, minutes_factor = 2.0}]"
    )
    market = lived(4, vans, "couriers.speed_factor_sd=0.0", "couriers.count=12")
    shifts = market.shifts
    kinds = np.array([courier.vehicle for courier in market.couriers])
    assert np.bincount(kinds).tolist() == [9, 3]
    assert [one.capacity for one in market.couriers] == [3 if kind == 0 else 20 for kind in kinds]
    np.testing.assert_array_equal(shifts["vehicle"], kinds[shifts["courier"]])
    van = shifts["vehicle"] == 1
    assert (shifts["grams_co2"][~van] == 0.0).all()
    np.testing.assert_allclose(shifts["grams_co2"][van], 0.2 * shifts["metres"][van])
    np.testing.assert_allclose(shifts["vehicle_cost"][van], 0.05 * shifts["metres"][van], atol=0.51)
    transfers = market.ledger.transfers
    paid = transfers["amount"][transfers["purpose"] == Purpose.VEHICLE_COST]
    assert paid.sum() == shifts["vehicle_cost"].sum() > 0
    pace = [
        shifts["minutes_driving"][who].sum() / shifts["metres"][who].sum() for who in (van, ~van)
    ]
    assert 1.7 < pace[0] / pace[1] < 2.3
    assert market.ledger.balance_of(Owner.COURIER).sum() == 0


def test_a_vehicle_may_be_slower_at_some_hours() -> None:
    hourly = [1.0] * 14 + [3.0] * 10
    one = f'couriers.vehicles=[{{name = "van", share = 1.0, hourly = {hourly}}}]'
    world = ("couriers.speed_factor_sd=0.0", "delivery.peak_slowdown=1.0")
    market = lived(2, one, *world)
    legs, travel = market.legs, market.travel
    took = legs["end"] - legs["start"]
    road = travel.minutes[legs["origin"], legs["destination"]]
    late = legs["start"] % DAY >= 14 * 60.0
    assert late.any()
    assert (~late).any()
    np.testing.assert_allclose(took[late], 3.0 * road[late], rtol=1e-4)
    np.testing.assert_allclose(took[~late], road[~late], rtol=1e-4)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ('couriers.vehicles=[{name = "van", share = 0.4}]', "shares must sum to 1, not 0.4"),
        (
            'couriers.vehicles=[{name = "van", share = 0.5}, {name = "van", share = 0.5}]',
            "van is named twice",
        ),
        (
            'couriers.vehicles=[{name = "van", share = 1.0, hourly = [1.0, 2.0]}]',
            "24 factors, one an hour, or none, not 2",
        ),
        ("delivery.promise_least_minutes=900.0", "must not exceed promise_most_minutes"),
    ],
)
def test_what_cannot_be_meant_is_refused(override: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        founded(override)


def test_a_cold_chain_of_a_category_that_nobody_sells_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no category 'Fish' is sold; must be one of"):
        founded('delivery.cold_chain_categories=["Fish"]')
