"""Days of couriers on streets small enough to be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from policies.dispatch.routes import Route, route_of
from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.engine import DeliveryDay
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.known_jobs import JobState
from sim.delivery.records import DayOutcome, Stop, StopKind


@dataclass(frozen=True)
class Streets:
    """Minutes and metres between places."""

    minutes: np.ndarray
    metres: np.ndarray


def line(places: int = 12, metres: float = 500.0) -> Streets:
    """Place i is i minutes from place 0."""
    at = np.arange(places, dtype=np.float32)
    distance = np.abs(at[:, None] - at)
    return Streets(distance, distance * np.float32(metres))


def plane(places: int, seed: int, width: float = 20.0) -> Streets:
    """Places at random; a unit is a minute and 500 metres."""
    points = np.random.default_rng(seed).uniform(0, width, (places, 2))
    distance = np.linalg.norm(points[:, None] - points, axis=2).astype(np.float32)
    return Streets(distance, distance * 500)


def jobs(
    pickup: Sequence[int] | np.ndarray,
    dropoff: Sequence[int] | np.ndarray,
    placed: Sequence[float] | np.ndarray,
    *,
    ready: Sequence[float] | np.ndarray | None = None,
    expected: Sequence[float] | np.ndarray | None = None,
    service: float = 0.0,
    promise: float = 60.0,
    **columns: Any,
) -> Jobs:
    """Jobs known when they are placed, ready at once unless said otherwise."""
    n = len(pickup)
    at = np.array(placed, dtype=float)
    true = at.copy() if ready is None else np.array(ready, dtype=float)
    plain = Jobs(
        number=np.arange(n) + 1000,
        pickup=np.array(pickup),
        dropoff=np.array(dropoff),
        known_at=at,
        placed=at,
        expected_ready=true if expected is None else np.array(expected, dtype=float),
        ready=true,
        pickup_by=np.full(n, np.inf),
        not_before=np.zeros(n),
        due=at + promise,
        deadline=np.full(n, np.inf),
        units=np.ones(n, dtype=np.int64),
        pickup_service=np.full(n, service),
        dropoff_service=np.full(n, service),
        fails=np.zeros((n, 1), dtype=bool),
        tried=np.zeros(n, dtype=np.int64),
        cancelled_at=np.full(n, np.inf),
    )
    return replace(plain, **{name: np.array(column) for name, column in columns.items()})


def shifts(
    base: Sequence[int] | np.ndarray = (0,),
    start: float | Sequence[float] | np.ndarray = 600.0,
    end: float | Sequence[float] | np.ndarray = 900.0,
    *,
    capacity: int = 2,
    speed: float = 1.0,
    **columns: Any,
) -> Shifts:
    """Couriers 50, 51, ... with one shift each."""
    n = len(base)
    plain = Shifts(
        courier=np.arange(n) + 50,
        start=np.broadcast_to(np.array(start, dtype=float), n).copy(),
        end=np.broadcast_to(np.array(end, dtype=float), n).copy(),
        base=np.array(base),
        speed=np.full(n, speed),
        capacity=np.full(n, capacity),
        break_at=np.full(n, np.inf),
        break_minutes=np.zeros(n),
        offline_at=np.full(n, np.inf),
    )
    return replace(plain, **{name: np.array(column) for name, column in columns.items()})


@dataclass
class Lived:
    """A day that was lived; arrays by the row of the jobs that it was given."""

    given: Jobs
    outcome: DayOutcome
    picked_up: np.ndarray
    delivered: np.ndarray
    courier: np.ndarray  # row of the shifts
    tries: np.ndarray

    @property
    def stops(self) -> list[Stop]:
        return self.outcome.stops

    def legs(self, courier: int = 0) -> list[Stop]:
        """Stops to which a courier had to drive."""
        return [s for s in self.stops if s.courier == courier and s.arrived > s.left]

    def rows(self, numbers: np.ndarray) -> list[int]:
        return sorted((numbers - 1000).tolist())


def live(
    policy: Any,
    given: Jobs,
    couriers: Shifts | None = None,
    *,
    streets: Streets | None = None,
    accepts: Callable[[int, int], bool] | None = None,
    slowdown: Callable[[float], float] | None = None,
    forecast: Callable[[float], np.ndarray] | None = None,
    **conditions: Any,
) -> Lived:
    """Live a day; services count half before the handover unless said otherwise."""
    table = line() if streets is None else streets
    more: dict[str, Any] = {"forecast": forecast}
    if accepts is not None:
        more["accepts"] = accepts
    if slowdown is not None:
        more["slowdown"] = slowdown
    day = DeliveryDay(
        given,
        shifts() if couriers is None else couriers,
        Conditions(**{"attempts": 2} | conditions),
        policy,
        lambda _minute: table,
        **more,
    )
    if isinstance(policy, Watched):
        policy.day = day
    outcome = day.live()
    picked, delivered = (np.full(len(given.number), np.nan) for _ in range(2))
    courier, tries = (np.full(len(given.number), fill) for fill in (-1, 0))
    rows = outcome.job - 1000
    picked[rows], delivered[rows] = outcome.picked_up, outcome.handed_over
    courier[rows], tries[rows] = outcome.courier, outcome.tries
    return Lived(given, outcome, picked, delivered, courier, tries)


def plan_of(routes: dict[int, Route], **more: Any) -> DispatchPlan:
    """A plan from lists of stops by courier row."""
    width = max([len(route) for route in routes.values()], default=0) + 2
    job = np.full((len(routes), width), -1, dtype=np.int64)
    drop = np.zeros((len(routes), width), dtype=np.bool_)
    for row, route in enumerate(routes.values()):
        for stop, (number, is_dropoff) in enumerate(route):
            job[row, stop], drop[row, stop] = number, is_dropoff
    return DispatchPlan(np.array(list(routes), dtype=np.int64), job, drop, **more)


class Saying:
    """A dispatch policy from a function; remembers when it was asked."""

    family, name = "dispatch", "saying"

    def __init__(
        self, answer: Callable[[DispatchObservation], DispatchPlan], decides_every: float = 0.0
    ) -> None:
        self.answer, self.decides_every = answer, decides_every
        self.asked: list[float] = []

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        self.asked.append(seen.now)
        return self.answer(seen)


def all_to_the_first(seen: DispatchObservation) -> DispatchPlan:
    """Everything that waits goes to the first courier on shift, one after the other."""
    first = int(np.flatnonzero(seen.fleet.on_shift)[0])
    route = route_of(seen, first)
    for job in seen.waiting.tolist():
        route += [(job, False), (job, True)]
    return plan_of({first: route})


class Watched:
    """Another policy, looked over the shoulder: every job is accounted for whenever it is asked."""

    family = "dispatch"

    def __init__(self, policy: Any) -> None:
        self.policy, self.name = policy, policy.name
        self.decides_every = getattr(policy, "decides_every", 0.0)
        self.day: DeliveryDay | None = None
        self.asked: list[float] = []
        self.told_ready: dict[int, float] = {}

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        assert self.day is not None
        self.asked.append(seen.now)
        self.told_ready |= dict(
            zip(seen.jobs.number.tolist(), seen.jobs.ready.tolist(), strict=True)
        )
        account(self.day, seen)
        return self.policy.dispatch(seen)


def account(day: DeliveryDay, seen: DispatchObservation) -> None:
    """Every job known is in exactly one state, and nothing is known too early."""
    jobs, fleet = day.jobs, day.fleet
    due = day.source.known_at <= seen.now
    assert (jobs.placed[: jobs.known] <= seen.now).all()
    assert set(jobs.index[: jobs.known].tolist()) == set(np.flatnonzero(due).tolist())
    waiting = seen.waiting.tolist()
    assert len(jobs.waiting) == len(waiting)
    planned, bags = [], []
    for k in range(len(fleet.courier)):
        route = fleet.route(k)
        planned += [job for job, drop in route if not drop]
        bags += list(fleet.bag[k])
        drops = sorted(job for job, drop in route if drop)
        assert drops == sorted([*fleet.bag[k], *(job for job, drop in route if not drop)])
        going = fleet.at[k]
        held = [going.job] if going and going.kind == StopKind.DROPOFF else []
        inside = [going.job] if going and going.kind == StopKind.PICKUP else []
        load = sum(int(jobs.units[job]) for job in fleet.bag[k])
        assert fleet.load[k] == load
        assert fleet.parcels[k] == len(fleet.bag[k]) + len(held) - len(inside)
    dropping = [s.job for s in fleet.at if s is not None and s.kind == StopKind.DROPOFF]
    ended = [*jobs.delivered, *jobs.cancelled, *jobs.spoiled, *jobs.back]
    everywhere = [*waiting, *planned, *bags, *dropping, *ended]
    assert sorted(everywhere) == list(range(jobs.known))
    assert len(planned) == jobs.planned
    state = np.array(jobs.state)
    np.testing.assert_array_equal(np.flatnonzero(state == JobState.WAITING), sorted(waiting))
    np.testing.assert_array_equal(np.flatnonzero(state == JobState.PLANNED), sorted(planned))
    np.testing.assert_array_equal(seen.jobs.waits, state == JobState.WAITING)
