"""What platform and carriers share, and what comes of it in a market."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from pydantic import ValidationError

from experiments.running import resolve
from scenarios.build import build
from sim.delivery.contracts import carriers_of_couriers
from sim.delivery.forecast import PastOrders, past_orders
from sim.delivery.records import StopKind
from sim.market import Marketplace
from sim.settings.couriers import CourierSettings
from sim.streams import Streams

SMALL = (
    "roads.network=grid",
    "roads.traffic.on=false",
    "commerce.generated.listings=150",
    "commerce.generated.merchants=30",
    "commerce.generated.categories=3",
    "consumers.count=400",
    "couriers.count=14",
    "delivery.addresses=60",
)
LEVELS = ("none", "forecasts", "positions", "full")


def lived(days: int, *overrides: str, sharing: str = "none", seed: int = 1) -> Marketplace:
    more = (*SMALL, f'delivery.sharing="{sharing}"', f"seed={seed}", *overrides)
    scenario, folder = resolve("two_carriers", overrides=more)
    market = build(scenario, folder=folder)
    for _ in range(days):
        market.step()
    return market


def indicators(market: Marketplace, names: Sequence[str]) -> np.ndarray:
    frame = market.health.frame()[list(names)]
    return np.asarray(frame.mean())


def test_one_carrier_has_nothing_to_learn_from_others_positions_or_orders() -> None:
    markets = [lived(3, "couriers.carriers=1", sharing=level) for level in LEVELS]
    values = [market.health.values() for market in markets]
    np.testing.assert_array_equal(values[1], values[3])
    np.testing.assert_array_equal(values[2], values[3])
    assert not np.array_equal(values[0], values[3], equal_nan=True)


@pytest.mark.parametrize("sharing", ["none", "forecasts"])
def test_a_contract_binds_a_merchant_to_one_carrier_and_its_couriers(sharing: str) -> None:
    market = lived(3, "couriers.multi_carrier_share=0.0", sharing=sharing)
    jobs = market.deliveries
    works_for = np.array([courier.carrier for courier in market.couriers])
    fetched = jobs["courier"] >= 0
    np.testing.assert_array_equal(works_for[jobs["courier"][fetched]], jobs["carrier"][fetched])
    pairs = np.unique(np.stack([jobs["merchant"], jobs["carrier"]]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]
    assert set(pairs[1].tolist()) == {0, 1}


def test_merchants_who_work_with_all_carriers_give_each_parcel_by_lot() -> None:
    jobs = lived(3, "couriers.multi_carrier_share=1.0").deliveries
    assert len(jobs) > 150
    assert abs(float(np.mean(jobs["carrier"])) - 0.5) < 0.15
    busiest = np.argmax(np.bincount(jobs["merchant"]))
    assert set(jobs["carrier"][jobs["merchant"] == busiest].tolist()) == {0, 1}


def test_merged_parcels_are_fetched_by_couriers_of_both_carriers() -> None:
    market = lived(3, "couriers.multi_carrier_share=0.0", sharing="full")
    jobs = market.deliveries
    carriers = [set(jobs["carrier"][jobs["merchant"] == m].tolist()) for m in range(30)]
    assert {0, 1} in carriers
    np.testing.assert_array_equal(
        market.shifts["carrier"], [market.couriers[k].carrier for k in market.shifts["courier"]]
    )


def test_carriers_who_are_told_nothing_set_out_when_the_parcel_is_ready() -> None:
    def early(market: Marketplace) -> np.ndarray:
        jobs, legs = market.deliveries, market.legs
        job = legs["job"][fetches := legs["kind"] == 0]
        first_try = jobs["attempts"][job] <= 1
        return (legs["start"][fetches] < jobs["ready"][job])[first_try]

    # What was tried in vain can be fetched again when shops open: `ready` is overwritten then.
    alone = early(lived(3))
    assert len(alone) > 100
    assert not alone.any()
    assert early(lived(3, sharing="forecasts")).mean() > 0.3


@cache
def _means(sharing: str, seed: int) -> tuple[float, ...]:
    names = ("duplicate_trips", "empty_share", "km_per_order", "vehicles_at_peak", "on_time_share")
    return tuple(indicators(lived(3, sharing=sharing, seed=seed), names).tolist())


SEEDS = range(1, 4)


def test_merged_orders_save_duplicate_trips_empty_kilometres_and_vehicles() -> None:
    gain = np.array([np.subtract(_means("full", seed), _means("none", seed)) for seed in SEEDS])
    duplicate, empty, kilometres, vehicles, _ = gain.mean(axis=0)
    assert duplicate < 0.0
    assert empty < 0.0
    assert kilometres < 0.0
    assert vehicles < 0.0


def test_live_positions_bring_parcels_in_time_that_forecasts_alone_do_not() -> None:
    later = [_means("positions", seed)[4] - _means("forecasts", seed)[4] for seed in SEEDS]
    assert np.mean(later) > 0.0


def test_a_change_of_the_dispatch_policy_reaches_every_carriers_dispatcher() -> None:
    change = '{kind="change", day=1, until=2, key="policies.dispatch.KEY", value=VALUE}'
    weight = change.replace("KEY", "driving_weight").replace("VALUE", "1.5")
    market = lived(2, f"events=[{weight}]", "couriers.carriers=3")
    first, *others = market.policies.dispatchers
    assert len(others) == 2
    assert first is market.policies.dispatch
    assert [one.params.driving_weight for one in market.policies.dispatchers] == [1.5] * 3
    market.step()
    assert [one.params.driving_weight for one in market.policies.dispatchers] == [3.0] * 3
    assert market.policies.dispatchers[0] is first
    assert all(other in market.policies.all() for other in others)


def test_a_change_to_another_policy_replaces_every_dispatcher() -> None:
    other = '{kind="change", day=1, key="policies.dispatch", value={name="nearest"}}'
    market = lived(2, f"events=[{other}]")
    assert [one.name for one in market.policies.dispatchers] == ["nearest"] * 2
    assert market.policies.dispatchers[0] is market.policies.dispatch


def test_couriers_are_divided_by_the_carriers_shares() -> None:
    settings = CourierSettings(count=40, carriers=3, carrier_shares=(0.5, 0.3, 0.2))
    carrier = carriers_of_couriers(settings, Streams(7))
    assert np.bincount(carrier).tolist() == [20, 12, 8]
    equal = carriers_of_couriers(CourierSettings(count=40, carriers=4), Streams(7))
    assert np.bincount(equal).tolist() == [10] * 4


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"carriers": 2, "carrier_shares": (1.0,)}, "has 1 shares, but carriers = 2"),
        ({"carriers": 2, "carrier_shares": (0.5, 0.4)}, "must sum to 1, not 0.9"),
        ({"carriers": 3, "count": 2}, "carriers = 3, but count = 2"),
    ],
)
def test_shares_that_do_not_fit_the_carriers_are_refused(fields: dict, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        CourierSettings(**fields)


def test_only_who_is_told_and_uses_forecasts_sends_idle_couriers() -> None:
    def moves(level: str, reach: float) -> int:
        market = lived(2, f"policies.dispatch.preposition={reach}", sharing=level)
        return int((market.legs["kind"] == StopKind.MOVE).sum())

    assert [moves(level, 3.0) > 0 for level in LEVELS] == [False, True, True, True]
    assert moves("full", 0.0) == 0


def test_a_forecast_is_the_past_days_mean_spread_over_the_hours() -> None:
    hours = np.zeros(24)
    hours[10], hours[11], hours[23] = 0.5, 0.25, 0.25
    past = PastOrders(np.array([8.0, 0.0]), hours)
    assert past.next_hour(3 * 1440 + 600.0).tolist() == [4.0, 0.0]
    assert past.next_hour(3 * 1440 + 630.0).tolist() == [3.0, 0.0]
    assert past.next_hour(1425.0).tolist() == [0.5, 0.0]
    day = sum(past.next_hour(60.0 * hour) for hour in range(24))
    assert day.tolist() == [8.0, 0.0]


def test_a_forecast_knows_the_past_and_nothing_of_today() -> None:
    market = lived(3)
    jobs, places = market.deliveries, len(market.places)
    before = past_orders(market)
    assert before is not None
    count = np.bincount(jobs["pickup"], minlength=places)
    np.testing.assert_allclose(before.per_day, count / 3)
    mine = [past_orders(market, carrier) for carrier in (0, 1)]
    np.testing.assert_allclose(mine[0].per_day + mine[1].per_day, before.per_day)
    market.step()
    market.day -= 1  # as it was in the couriers' phase: today's parcels are in the table
    assert len(jobs) > count.sum()
    np.testing.assert_array_equal(past_orders(market).per_day, before.per_day)
    market.day = 0
    assert past_orders(market) is None


@pytest.mark.slow
def test_in_the_shipped_scenario_merging_gains_under_any_luck() -> None:
    names = ("empty_share", "km_per_order", "courier_delay_share", "duplicate_trips")

    def means(seed: int, level: str) -> np.ndarray:
        more = (f"seed={seed}", f'delivery.sharing="{level}"')
        scenario, folder = resolve("two_carriers", overrides=more)
        market = build(scenario, folder=folder)
        for _ in range(5):
            market.step()
        return indicators(market, names)

    gain = np.array([means(seed, "full") - means(seed, "none") for seed in range(1, 11)])
    assert (gain[:, :3] < 0.0).all()
    assert gain[:, 3].mean() < 0.0
