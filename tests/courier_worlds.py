"""Days at random on which everything may go wrong, a policy at random, and what holds then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.jobs import Jobs, Shifts
from sim.delivery.records import Stop, StopKind
from tests.courier_days import Lived, Streets, jobs, plan_of, route_of, shifts

PLACES = 12


class Whimsical:
    """Plans at random whatever can be driven: reorders, takes away, sends about, leaves late."""

    family, name = "dispatch", "whimsical"

    def __init__(self, seed: int, decides_every: float = 0.0) -> None:
        self.rng, self.decides_every = np.random.default_rng(seed), decides_every

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        fleet, rng = seen.fleet, self.rng
        rows = np.flatnonzero(fleet.on_shift).tolist()
        routes = {k: route_of(seen, k) for k in rows}
        waiting = seen.waiting.tolist()
        if rng.random() < 0.3:  # plan somebody's parcels anew
            k = rows[int(rng.integers(len(rows)))]
            planned = [job for job, drop in routes[k] if not drop]
            routes[k] = [stop for stop in routes[k] if stop[0] not in planned]
            waiting += planned
        for job in waiting:
            k = rows[int(rng.integers(len(rows)))]
            i = int(rng.integers(len(routes[k]) + 1))
            j = int(rng.integers(i, len(routes[k]) + 1))
            old = routes[k]
            new = [*old[:i], (job, False), *old[i:j], (job, True), *old[j:]]
            fits = self.most(seen, int(fleet.load[k]), new) <= fleet.capacity[k]
            if fits and len(new) <= 20 and rng.random() < 0.8:
                routes[k] = new
        idle = [k for k in rows if not routes[k] and rng.random() < 0.3]
        return plan_of(
            routes,
            leave_at=seen.now + rng.choice([-5.0, 0.0, 7.0], len(routes)),
            moved=np.array(idle, dtype=np.int64),
            moved_to=rng.integers(0, PLACES, len(idle)),
        )

    @staticmethod
    def most(seen: DispatchObservation, load: int, route: list[tuple[int, bool]]) -> int:
        loads = [load]
        for job, drop in route:
            loads.append(loads[-1] + (-1 if drop else 1) * int(seen.jobs.units[job]))
        return max(loads)


def world(seed: int, *, n: int = 30, couriers: int = 4, capacity: int = 3) -> tuple[Jobs, Shifts]:
    """Jobs and shifts with everything that may go wrong."""
    rng = np.random.default_rng(seed)
    placed = np.sort(rng.uniform(600, 760, n))

    def some(share: float, low: float, high: float) -> np.ndarray:
        """Minutes after the order for some; never for others."""
        return np.where(rng.random(n) < share, placed + rng.uniform(low, high, n), np.inf)

    given = jobs(
        rng.integers(0, PLACES, n),
        rng.integers(0, PLACES, n),
        placed,
        ready=placed + rng.uniform(0, 30, n),
        expected=placed + 15,
        service=float(rng.choice([0.0, 3.0])),
        units=rng.integers(1, min(capacity, 2) + 1, n),
        fails=rng.random((n, 2)) < 0.2,
        tried=rng.integers(0, 2, n),
        cancelled_at=some(0.2, 1, 60),
        deadline=some(0.2, 20, 90),
        not_before=np.where(rng.random(n) < 0.2, placed + 60, 0.0),
    )
    start = rng.uniform(600, 660, couriers)
    end = start + rng.uniform(60, 180, couriers)
    half = rng.random(couriers) < 0.5
    people = shifts(
        rng.integers(0, PLACES, couriers),
        start,
        end,
        capacity=capacity,
        break_at=np.where(half, start + 40, np.inf),
        break_minutes=np.full(couriers, 15.0),
        offline_at=np.where(rng.random(couriers) < 0.3, rng.uniform(start - 20, end + 40), np.inf),
    )
    return given, replace(people, speed=rng.choice([0.5, 1.0, 1.3], couriers))


def check(
    day: Lived,
    people: Shifts,
    streets: Streets,
    *,
    slowdown: Callable[[float], float] = lambda minute: 1.0,
    shared_pickup: bool = True,
    must_return: bool = False,
) -> None:
    """What holds on every day, read from what is left of it; services count half and half."""
    outcome, given = day.outcome, day.given
    ended = [*outcome.delivered, *outcome.cancelled, *outcome.spoiled]
    assert len(set(ended)) == len(ended)
    done = np.array(day.rows(outcome.delivered), dtype=np.int64)
    np.testing.assert_array_equal(done, np.flatnonzero(np.isfinite(day.delivered)))
    assert (day.picked_up[done] >= given.ready[done]).all()
    assert (day.picked_up[done] >= given.placed[done]).all()
    assert (day.delivered[done] > day.picked_up[done] - 1e-9).all()
    assert (day.delivered[done] >= given.not_before[done]).all()
    assert (day.delivered[done] <= given.deadline[done]).all()
    assert (outcome.assigned[~np.isnan(outcome.assigned)] >= 600.0).all()
    assert outcome.deliveries.sum() == len(done)
    assert (outcome.resting <= people.break_minutes).all()
    for k in range(len(people.courier)):
        own = [stop for stop in day.stops if stop.courier == k]
        for before, stop in zip([None, *own], own, strict=False):
            _check_stop(day, people, streets, slowdown(stop.left), before, stop, shared_pickup)
        _check_sums(day, people, streets, own)
        if must_return and own:
            assert own[-1].place == people.base[k]


def _check_stop(
    day: Lived,
    people: Shifts,
    streets: Streets,
    slowdown: float,
    before: Stop | None,
    stop: Stop,
    shared_pickup: bool,
) -> None:
    """Nobody is in two places, serves a stop in no time, or hands over what is not there yet."""
    given, k = day.given, stop.courier
    assert stop.origin == (people.base[k] if before is None else before.place)
    pace = float(people.speed[k]) * slowdown
    assert stop.arrived - stop.left == pytest.approx(
        float(streets.minutes[stop.origin, stop.place]) * pace
    )
    free, together = float(people.start[k]), False
    if before is not None:
        free = before.handover
        visits = before.kind == stop.kind == StopKind.PICKUP and before.place == stop.place
        together = visits and shared_pickup and stop.left == free
        if not together:
            free += _service_after(day, k, before)
    assert stop.left >= free - 1e-9
    if stop.job < 0:
        assert stop.handover == stop.arrived
        return
    row = stop.job - 1000
    service = given.pickup_service if stop.kind == StopKind.PICKUP else given.dropoff_service
    reached = stop.arrived + (0.0 if together else 0.5 * service[row])
    assert stop.handover >= reached - 1e-9
    if stop.kind == StopKind.DROPOFF:
        assert stop.place == given.dropoff[row]
        assert stop.handover >= given.not_before[row]
    elif stop.handover == day.picked_up[row]:
        assert stop.place == given.pickup[row]
        assert stop.handover == pytest.approx(max(reached, given.ready[row]))


def _service_after(day: Lived, k: int, stop: Stop) -> float:
    """Minutes of a stop's service that follow its handover at least."""
    if stop.job < 0:
        return 0.0
    row, given = stop.job - 1000, day.given
    service = given.pickup_service if stop.kind == StopKind.PICKUP else given.dropoff_service
    return 0.5 * float(service[row])


def _check_sums(day: Lived, people: Shifts, streets: Streets, own: list[Stop]) -> None:
    """Metres and parcels of a courier add up."""
    outcome = day.outcome
    load, way, empty = 0, 0.0, 0.0
    for stop in own:
        k = stop.courier
        assert stop.parcels == load or people.offline_at[k] < np.inf
        metres = float(streets.metres[stop.origin, stop.place])
        way += metres
        empty += metres if stop.parcels == 0 else 0.0
        load += {StopKind.PICKUP: 1, StopKind.DROPOFF: -1}.get(stop.kind, 0)
        if stop.kind == StopKind.DROPOFF:
            # A parcel that nobody took comes along until the next try, or until tomorrow.
            load += any(
                later.job == stop.job and later.handover > stop.handover
                for later in own
                if later.kind == StopKind.DROPOFF
            )
    if own:
        assert outcome.metres[k] == pytest.approx(way)
        assert outcome.empty_metres[k] == pytest.approx(empty)
        if np.isinf(people.offline_at[k]):
            assert load == 0  # all on board was brought, or brought back
            assert outcome.end[k] >= people.end[k]
