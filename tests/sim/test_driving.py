"""Couriers of a market on congested and on closed roads."""

from pathlib import Path

import numpy as np
import pytest
from futures import assert_same, live, loaded

from experiments.running import resolve
from scenarios.build import build
from sim.delivery.records import StopKind
from sim.event_tables import OrderStatus
from sim.market import Marketplace

BUSY = (
    "roads.traffic.on=true",
    "roads.traffic.volume_to_capacity={residential = 1.2}",
    "roads.traffic.courier_equivalent=60.0",
    "events=[]",
)

CLOSED = 'events=[{kind="road_closure", day=2, until=4, share=0.4, slowdown=8.0, closed=true}]'


def market_of(*overrides: str) -> Marketplace:
    scenario, folder = resolve("tiny", overrides=overrides)
    return build(scenario, folder=folder)


def test_legs_take_the_minutes_of_the_period_in_which_they_start() -> None:
    market = live(market_of(*BUSY, "couriers.speed_factor_sd=0.0"), 1)
    legs, driving = market.legs, market.driving
    assert driving is not None
    assert driving.traffic is not None
    ends = legs["origin"], legs["destination"]
    tables = [driving.at(minute).minutes for minute in legs["start"].tolist()]
    told = [float(table[a, b]) for table, a, b in zip(tables, *ends, strict=True)]
    np.testing.assert_allclose(legs["end"] - legs["start"], told, rtol=1e-6)
    # There are no rush hours beside those of traffic.
    periods = {driving.traffic.period_of(minute) for minute in legs["start"].tolist()}
    assert len(periods) > 1


def test_minutes_follow_the_couriers_own_load_of_the_days_before() -> None:
    market = market_of(*BUSY, "roads.traffic.tolerance=0.0")
    driving = market.driving
    assert driving is not None
    assert driving.traffic is not None
    first = driving.at(18 * 60.0).minutes.copy()
    live(market, 1)
    np.testing.assert_array_equal(driving.at(18 * 60.0).minutes, first)
    live(market, 1)
    assert (driving.at(18 * 60.0).minutes >= first - 1e-6).all()
    assert driving.at(18 * 60.0).minutes.sum() > first.sum()


def indicator(market: Marketplace, name: str) -> np.ndarray:
    column = market.health.names.index(name)
    return market.health.values()[:, column]


def test_indicators_tell_what_congestion_cost() -> None:
    names = ("congestion", "delay_hours", "courier_delay_share")
    quiet = live(market_of("events=[]"), 2)
    assert all(np.isnan(indicator(quiet, name)).all() for name in names)
    busy = live(market_of(*BUSY), 2)
    assert (indicator(busy, "congestion") > 1.0).all()
    assert (indicator(busy, "delay_hours") > 0.0).all()
    own = indicator(busy, "courier_delay_share")
    assert ((own > 0.0) & (own < 1.0)).all()
    nobody = live(market_of(*BUSY, "roads.traffic.courier_equivalent=0.0"), 2)
    assert (indicator(nobody, "courier_delay_share") == 0.0).all()
    assert (indicator(nobody, "delay_hours") < indicator(busy, "delay_hours")).all()


def test_delay_is_recomputed_from_flows() -> None:
    market = live(market_of(*BUSY, "roads.traffic.courier_equivalent=0.0"), 1)
    assert market.driving is not None
    traffic = market.driving.traffic
    assert traffic is not None
    empty = market.network.minutes
    lasts = np.diff([*traffic.settings.periods, 24])
    told = sum(
        float(last * (traffic.flow(t) * (traffic.link_minutes(t) - empty)).sum()) / 60.0
        for t, last in enumerate(lasts.tolist())
    )
    assert indicator(market, "delay_hours")[0] == pytest.approx(told)


def test_a_market_on_congested_and_closed_roads_goes_on_from_what_is_saved() -> None:
    straight = live(market_of(*BUSY[:3], CLOSED, "roads.traffic.smoothing=0.5"), 3)
    other = loaded(straight)
    assert_same(live(straight, 3), live(other, 3))


@pytest.mark.parametrize("traffic", [(), BUSY[:3]])
def test_orders_end_and_money_is_kept_while_the_centre_is_closed(traffic: tuple[str, ...]) -> None:
    market = market_of(*traffic, CLOSED)
    free = market.travel
    assert free is not None
    worth = market.ledger.balance.sum()
    live(market, 3)
    assert market.driving is not None
    assert market.travel is not None
    assert market.travel is not free
    assert np.isfinite(market.travel.minutes).all()
    assert market.travel.minutes.max() > 3 * free.minutes.max()
    live(market, 5)
    np.testing.assert_array_equal(market.travel.minutes, free.minutes)
    assert market.ledger.balance.sum() == worth
    orders = market.orders
    old = orders["day"] < market.day - 1 - market.settings.delivery.give_up_days
    assert (orders["status"][old] != OrderStatus.OPEN).all()
    delivered = market.legs["kind"] == StopKind.DROPOFF
    day = market.legs["start"][delivered] // 1440
    assert (day == 2).any()


def test_a_policy_that_takes_cars_off_the_road_is_felt_from_its_day_on() -> None:
    change = 'events=[{kind="change", day=2, key="roads.traffic.demand_factor", value=0.1}]'
    market = market_of(*BUSY[:3], change)
    live(market, 4)
    before, after = indicator(market, "congestion")[:2], indicator(market, "congestion")[2:]
    assert before.min() > 1.05
    assert after.max() < 1.05


@pytest.mark.real_data
def test_a_trip_table_makes_the_background(shared_data: Path) -> None:
    folder = shared_data / "tntp/Anaheim"
    market = live(
        market_of(
            f"roads.network={folder / 'Anaheim_net.tntp'}",
            "roads.traffic.on=true",
            f"roads.traffic.trips={folder / 'Anaheim_trips.tntp'}",
            "roads.traffic.periods=[0, 7, 10]",
        ),
        1,
    )
    assert market.driving is not None
    traffic = market.driving.traffic
    assert traffic is not None
    assert market.demand is not None
    assert len(market.demand.trips) == 1406  # zones where no courier could live included
    assert traffic.flow(1).sum() > traffic.flow(0).sum() > 0.0
    assert indicator(market, "congestion")[0] > 1.0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere.csv", r"there is no such file"),
        ("trips.xlsx", r"must be a file that ends in \.tntp, \.csv, \.csv\.gz"),
    ],
)
def test_a_trip_table_that_is_not_there_is_told_before_a_run(name: str, told: str) -> None:
    with pytest.raises(ValueError, match=rf"(?s)roads\.traffic\.trips.*{told}"):
        market_of("roads.traffic.on=true", f"roads.traffic.trips={name}")
