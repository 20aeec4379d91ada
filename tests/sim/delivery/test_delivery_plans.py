"""What couriers do with a plan, on a line of places a minute apart, computed by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.couriers import Shifts
from sim.delivery.engine import STOPS, Conditions, DayOutcome, DeliveryDay, DispatchError
from sim.event_tables import DELIVERIES, LEGS, OrderStatus
from sim.tables import Table

PLACES = 12
METRES = 500.0  # between neighbours

Route = list[tuple[int, bool]]


@dataclass(frozen=True)
class Line:
    """Place i is i minutes from place 0."""

    minutes: np.ndarray
    metres: np.ndarray


def line() -> Line:
    at = np.arange(PLACES, dtype=np.float32)
    distance = np.abs(at[:, None] - at)
    return Line(distance, distance * METRES)


def plan_of(routes: dict[int, Route]) -> DispatchPlan:
    """A plan from lists of stops by index of the courier."""
    jobs = np.full((len(routes), STOPS + 2), -1, dtype=np.int64)
    drops = np.zeros((len(routes), STOPS + 2), dtype=np.bool_)
    for row, route in enumerate(routes.values()):
        for stop, (job, drop) in enumerate(route):
            jobs[row, stop], drops[row, stop] = job, drop
    return DispatchPlan(np.array(list(routes), dtype=np.int64), jobs, drops)


def route_of(seen: DispatchObservation, k: int) -> Route:
    n = int(seen.route_length[k])
    return list(
        zip(seen.route_job[k, :n].tolist(), seen.route_is_dropoff[k, :n].tolist(), strict=True)
    )


class Saying:
    """A dispatch policy from a function; remembers what it was shown."""

    family, name = "dispatch", "saying"

    def __init__(self, answer: Callable[[DispatchObservation], DispatchPlan]) -> None:
        self.answer = answer
        self.seen: list[DispatchObservation] = []

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        self.seen.append(seen)
        return self.answer(seen)


def all_to_the_first(seen: DispatchObservation) -> DispatchPlan:
    """Everything that waits goes to the first courier on shift, one after the other."""
    route = route_of(seen, 0)
    for job in seen.job.tolist():
        route += [(job, False), (job, True)]
    return plan_of({0: route})


@dataclass
class Lived:
    """A day that was lived."""

    jobs: Table
    legs: Table
    outcome: DayOutcome


def live(
    policy: Any,
    *,
    pickup: list[int],
    dropoff: list[int],
    placed: list[float],
    ready: list[float] | None = None,
    expected: list[float] | None = None,
    base: tuple[int, ...] = (0,),
    start: tuple[float, ...] = (600.0,),
    end: tuple[float, ...] = (900.0,),
    speed: float = 1.0,
    capacity: int = 2,
    service: float = 0.0,
    attempts: int = 2,
    fails: Callable[[int], bool] = lambda job: False,
) -> Lived:
    n = len(pickup)
    jobs, legs = Table(DELIVERIES), Table(LEGS)
    at = np.array(placed if ready is None else ready, dtype=float)
    jobs.append(
        consumer=np.arange(n),
        merchant=0,
        pickup=pickup,
        dropoff=dropoff,
        units=1,
        placed=placed,
        ready=at,
        due=np.array(placed) + 60.0,
        courier=-1,
        picked_up=np.nan,
        delivered=np.nan,
        attempts=0,
        status=OrderStatus.OPEN,
    )
    couriers = len(base)
    outcome = DeliveryDay(
        jobs=jobs,
        expected_ready=at if expected is None else np.array(expected, dtype=float),
        known_at=dict(enumerate(placed)),
        shifts=Shifts(
            courier=np.arange(couriers),
            start=np.array(start),
            end=np.array(end),
            base=np.array(base, dtype=np.int32),
            speed=np.full(couriers, speed),
            capacity=np.full(couriers, capacity, dtype=np.int32),
        ),
        travel=line(),
        conditions=Conditions(service, service, 1.0, attempts),
        dispatch=policy,
        fails=fails,
        legs=legs,
    ).live()
    return Lived(jobs, legs, outcome)


def test_a_delivery_takes_the_minutes_of_its_drives_and_its_wait() -> None:
    day = live(
        Saying(all_to_the_first), pickup=[3], dropoff=[5], placed=[600.0], ready=[610.0], speed=2.0
    )
    assert day.jobs["picked_up"].tolist() == [610.0]  # there at 606, four minutes early
    assert day.jobs["delivered"].tolist() == [614.0]
    assert day.legs["start"].tolist() == [600.0, 610.0]
    assert day.legs["end"].tolist() == [606.0, 614.0]
    assert day.legs["origin"].tolist() == [0, 3]
    assert day.legs["destination"].tolist() == [3, 5]
    assert day.legs["parcels"].tolist() == [0, 1]
    assert day.outcome.metres.tolist() == [5 * METRES]
    assert day.outcome.empty_metres.tolist() == [3 * METRES]
    assert day.outcome.driving.tolist() == [10.0]
    assert day.outcome.deliveries.tolist() == [1]
    assert day.outcome.end.tolist() == [900.0]


def test_service_at_both_ends_takes_its_time() -> None:
    day = live(
        Saying(all_to_the_first),
        pickup=[3, 3],
        dropoff=[5, 5],
        placed=[600.0, 600.0],
        service=4.0,
    )
    # To 3: 3 minutes, 4 of service, to 5: 2, 4 of service, and the same again from 5.
    assert day.legs["start"].tolist() == [600.0, 607.0, 613.0, 619.0]
    assert 609.0 <= day.jobs["delivered"][0] <= 613.0
    assert day.jobs["delivered"][1] - day.jobs["delivered"][0] == 12.0


def test_two_parcels_in_one_bag_are_dropped_in_the_order_of_the_plan() -> None:
    def together(seen: DispatchObservation) -> DispatchPlan:
        return plan_of({0: [(0, False), (1, False), (1, True), (0, True)]})

    day = live(Saying(together), pickup=[2, 3], dropoff=[9, 6], placed=[600.0, 600.0])
    assert day.jobs["delivered"].tolist() == [609.0, 606.0]
    assert day.legs["parcels"].tolist() == [0, 1, 2, 1]
    assert day.outcome.metres.tolist() == [9 * METRES]


def test_parcels_not_fetched_when_a_shift_ends_are_brought_by_somebody_else() -> None:
    policy = Saying(all_to_the_first)
    day = live(
        policy,
        pickup=[10, 1, 1],
        dropoff=[11, 2, 2],
        placed=[600.0, 600.0, 600.0],
        base=(0, 0),
        start=(600.0, 604.0),
        end=(605.0, 900.0),
    )
    assert day.jobs["courier"].tolist() == [0, 1, 1]
    assert day.jobs["delivered"][0] == 611.0  # on its way at the shift's end: finished
    assert day.outcome.end[0] == 611.0
    assert day.jobs["picked_up"][1] == 606.0
    assert (day.jobs["status"] == OrderStatus.DELIVERED).all()


def test_what_nobody_fetches_stays_open() -> None:
    day = live(
        Saying(all_to_the_first),
        pickup=[10, 1],
        dropoff=[11, 2],
        placed=[600.0, 600.0],
        end=(605.0,),
    )
    assert day.jobs["status"].tolist() == [OrderStatus.DELIVERED, OrderStatus.OPEN]
    assert np.isnan(day.jobs["picked_up"][1])
    assert day.jobs["courier"][1] == -1


def test_the_dispatcher_knows_no_order_before_it_is_placed_nor_when_it_is_really_ready() -> None:
    policy = Saying(all_to_the_first)
    placed = [600.0, 601.0, 630.0, 655.5]
    live(
        policy,
        pickup=[1, 2, 3, 4],
        dropoff=[5, 6, 7, 8],
        placed=placed,
        ready=[t + 37.0 for t in placed],
        expected=[t + 10.0 for t in placed],
    )
    told = {}
    for seen in policy.seen:
        assert (seen.placed <= seen.now).all()
        told |= dict(zip(seen.job.tolist(), (seen.ready - seen.placed).tolist(), strict=True))
    assert told == dict.fromkeys(range(4), 10.0)
    assert [seen.now for seen in policy.seen] == sorted(seen.now for seen in policy.seen)


def test_a_failed_try_ends_the_parcels_day_and_the_next_day_counts_on() -> None:
    day = live(
        Saying(all_to_the_first),
        pickup=[1],
        dropoff=[2],
        placed=[600.0],
        fails=lambda job: True,
    )
    assert day.jobs["attempts"].tolist() == [1]
    assert day.jobs["status"].tolist() == [OrderStatus.OPEN]
    assert day.outcome.deliveries.tolist() == [0]
    assert len(day.outcome.delivered) == len(day.outcome.cancelled) == 0


def once(plan: DispatchPlan) -> Saying:
    return Saying(lambda seen: plan)


def forgetful() -> Saying:
    """Fetches job 0, and plans nothing for it when job 1 comes."""
    return Saying(
        lambda seen: plan_of({0: [(0, False), (0, True)] if seen.now < 602 else []}),
    )


ROUTE_TOO_LONG: Route = [(job, drop) for job in range(13) for drop in (False, True)]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (once(plan_of({0: [(0, False), (1, False), (2, False)]})), "carries 3 units.*only 2 fit"),
        (once(plan_of({0: [(0, False), (0, True), (0, False), (0, True)]})), "not to be had"),
        (once(plan_of({0: [(0, False), (0, True), (0, True)]})), "before fetching"),
        (once(plan_of({0: ROUTE_TOO_LONG})), "at most 24 stops"),
        (once(plan_of({1: [(0, False), (0, True)]})), "courier index 1, but 1 are on shift"),
        (once(plan_of({-1: [(0, False), (0, True)]})), "courier index -1"),
        (
            once(DispatchPlan(np.array([0]), np.zeros((2, 2), int), np.zeros((2, 2), bool))),
            "plans 1 couriers, but 2 routes",
        ),
        (
            once(DispatchPlan(np.array([0]), np.zeros((1, 2), int), np.zeros((1, 3), bool))),
            "have the shapes",
        ),
        (once(DispatchPlan(np.array([0]), np.zeros(2, int), np.zeros(2, bool))), "the shapes"),
        (forgetful(), r"never drops off job\(s\) \[0\]"),
    ],
)
def test_a_plan_that_cannot_be_driven_is_refused_by_name(policy: Saying, said: str) -> None:
    n = 13
    placed = [600.0] * n
    placed[1] = 602.0 if said.startswith("never") else 600.0
    with pytest.raises(DispatchError, match=f"dispatch policy 'saying'.*{said}"):
        live(policy, pickup=[5] * n, dropoff=[9] * n, placed=placed)


@pytest.mark.parametrize("width", [0, 4])
def test_a_plan_that_changes_nothing_is_welcome(width: int) -> None:
    nothing = DispatchPlan(
        np.empty(0, np.int64), np.empty((0, width), np.int64), np.empty((0, width), np.bool_)
    )
    day = live(once(nothing), pickup=[1], dropoff=[2], placed=[600.0])
    assert day.jobs["status"].tolist() == [OrderStatus.OPEN]
    assert len(day.legs) == 0


class Whimsical:
    """Puts every waiting parcel, or not, into some route at places that the bag allows."""

    family, name = "dispatch", "whimsical"

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        routes = {k: route_of(seen, k) for k in range(len(seen.courier))}
        for job in seen.job.tolist():
            k = int(self.rng.integers(len(routes)))
            i = int(self.rng.integers(len(routes[k]) + 1))
            j = int(self.rng.integers(i, len(routes[k]) + 1))
            old = routes[k]
            new = [*old[:i], (job, False), *old[i:j], (job, True), *old[j:]]
            fits = self.most(int(seen.load[k]), new) <= seen.capacity[k]
            if fits and len(new) <= STOPS and self.rng.random() < 0.8:
                routes[k] = new
        return plan_of(routes)

    @staticmethod
    def most(load: int, route: Route) -> int:
        loads = [load]
        for _, drop in route:
            loads.append(loads[-1] + (-1 if drop else 1))
        return max(loads)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    couriers=st.integers(1, 4),
    capacity=st.integers(1, 4),
    service=st.sampled_from([0.0, 3.0]),
    attempts=st.integers(1, 2),
)
def test_whatever_is_planned_no_parcel_is_lost_and_every_metre_is_accounted_for(
    seed: int, couriers: int, capacity: int, service: float, attempts: int
) -> None:
    rng = np.random.default_rng(seed)
    n = 25
    placed = np.sort(rng.uniform(590, 780, n))
    away = rng.random(n) < 0.25
    start = tuple(rng.uniform(600, 700, couriers).tolist())
    day = live(
        Whimsical(seed),
        pickup=rng.integers(0, PLACES, n).tolist(),
        dropoff=rng.integers(0, PLACES, n).tolist(),
        placed=placed.tolist(),
        ready=(placed + rng.uniform(0, 40, n)).tolist(),
        expected=(placed + 20).tolist(),
        base=tuple(rng.integers(0, PLACES, couriers).tolist()),
        start=start,
        end=tuple(s + 90.0 for s in start),
        capacity=capacity,
        service=service,
        attempts=attempts,
        fails=lambda job: bool(away[job]),
    )
    jobs, legs, outcome = day.jobs, day.legs, day.outcome
    done, gone = outcome.delivered, outcome.cancelled
    assert len(set(done.tolist()) | set(gone.tolist())) == len(done) + len(gone)
    np.testing.assert_array_equal(np.sort(done), np.flatnonzero(jobs["status"] == 1))
    np.testing.assert_array_equal(np.sort(gone), np.flatnonzero(jobs["status"] == 2))
    fetched = np.isfinite(jobs["picked_up"])
    np.testing.assert_array_equal(fetched, jobs["attempts"] == 1)  # all on board was brought
    np.testing.assert_array_equal(fetched & ~away, jobs["status"] == OrderStatus.DELIVERED)
    np.testing.assert_array_equal(
        fetched & away & (attempts == 1), jobs["status"] == OrderStatus.CANCELLED
    )
    assert (jobs["picked_up"][fetched] >= jobs["ready"][fetched]).all()
    assert (jobs["delivered"][done] >= jobs["picked_up"][done]).all()
    assert len(legs) == 2 * fetched.sum()
    minutes, metres = line().minutes, line().metres
    np.testing.assert_allclose(
        legs["end"] - legs["start"], minutes[legs["origin"], legs["destination"]], atol=1e-4
    )
    assert (legs["parcels"] <= capacity).all()
    for k in range(couriers):
        own = legs["courier"] == k
        way = metres[legs["origin"][own], legs["destination"][own]]
        assert outcome.metres[k] == pytest.approx(way.sum())
        assert outcome.empty_metres[k] == pytest.approx(way[legs["parcels"][own] == 0].sum())
        assert outcome.driving[k] == pytest.approx(
            (legs["end"][own] - legs["start"][own]).sum(), abs=1e-3
        )
        assert (legs["start"][own][1:] >= legs["end"][own][:-1] - 1e-4).all()
        assert (legs["start"][own] >= start[k]).all()
        assert outcome.end[k] >= start[k] + 90.0
        assert outcome.deliveries[k] == (jobs["courier"][done] == k).sum()
