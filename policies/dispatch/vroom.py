"""Re-optimisation by VROOM, an open-source solver of vehicle routing problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import FloatArray
from policies.dispatch.routes import Route, on_board, plan_of, route_of
from policies.observations import DispatchObservation, DispatchPlan
from policies.params import PolicyParams
from policies.registry import PolicyError

SECONDS = 60.0
"""VROOM counts whole seconds."""

FOREVER = 10_000_000
"""Seconds after now that no time window reaches."""

OTHERS = 1_000_000
"""First of the skills that all couriers have but those who turned a job down."""

COSTS_A_SECOND = 10_000
"""Units of VROOM's costs in one second of driving at most; legs differ by less than one second."""

MOST_COSTS = np.iinfo(np.uint32).max - 1
"""VROOM refuses matrices in which the dearest legs out of, or into, all places cost more."""

PRIORITIES = 100
"""VROOM's highest priority; it serves the higher ones where it cannot serve all."""


class Vroom:
    """Solves, at every decision, the routing of all that is not committed yet with VROOM.

    VROOM serves as many parcels as it can, the longest waiting first, and then drives as little as
    it can; minutes to the door cost it nothing. So a parcel's window at the door ends `slack`
    minutes after the soonest that a courier in the shop could be there; what cannot be there by
    then waits for the next decision.

    VROOM starts several searches and keeps the first of those that end equally good, so that its
    answer would depend on the machine's threads. Every stop is therefore a place of its own here,
    with legs that cost up to one second more, each by a number of its own: no two answers tie.

    Source: Coupey, Nicod & Varnier (2024), VROOM v1.14, Vehicle Routing Open-source Optimization
    Machine.
    """

    family: ClassVar[str] = "dispatch"
    name: ClassVar[str] = "vroom"

    class Params(PolicyParams):
        """Parameters of the re-optimisation."""

        decide_every: float = Field(2.0, gt=0.0, le=120.0, description="minutes between decisions")
        exploration: int = Field(
            1, ge=0, le=5, description="VROOM's exploration level: higher is better and slower"
        )
        slack: float = Field(
            10.0,
            ge=0.0,
            le=1440.0,
            description="minutes that a parcel may come to its door later than would be possible",
        )

    def __init__(self, params: Params) -> None:
        try:
            import vroom  # noqa: F401
        except ImportError as error:
            raise PolicyError(
                "dispatch policy 'vroom' needs the library pyvroom: pip install 'weal[vroom]'"
            ) from error
        self.params = params

    @property
    def decides_every(self) -> float:
        """Minutes between decisions."""
        return self.params.decide_every

    def dispatch(self, observation: DispatchObservation) -> DispatchPlan:
        """Plan anew what waits, or is planned and not fetched."""
        import vroom

        seen, fleet = observation, observation.fleet
        couriers = np.flatnonzero(fleet.on_shift)
        aboard, open_ = _by_courier(seen, couriers)
        jobs = np.array(sorted(open_), dtype=np.int64)
        if not len(jobs):
            return plan_of({})
        at = _Places.of(seen, couriers, jobs, aboard)
        problem = vroom.Input()
        seconds = seen.travel.minutes[np.ix_(at.places, at.places)] * (seen.slowdown * SECONDS)
        problem.set_durations_matrix("car", np.rint(seconds).astype(np.uint32))
        problem.set_costs_matrix("car", _costs(seconds))
        turned_down, tasks = _turned_down(seen, open_), sum(map(len, aboard.values()))
        for k in couriers.tolist():
            skills = {k} | {OTHERS + job for job, by in turned_down.items() if k not in by}
            room = fleet.route_job.shape[1] - len(aboard[k])
            problem.add_vehicle(self._vehicle(seen, k, at, skills, room))
            for job in aboard[k]:
                problem.add_job(_on_board(seen, job, at, k))
        for rank, job in enumerate(jobs[np.argsort(seen.jobs.placed[jobs], kind="stable")]):
            priority = PRIORITIES - 1 - rank * (PRIORITIES - 1) // len(jobs)
            needs = {OTHERS + int(job)} if int(job) in turned_down else set()
            shipment = self._shipment(seen, int(job), at, couriers, priority, needs)
            if shipment is not None:
                problem.add_job(shipment)
                tasks += 1
        if tasks == 0:
            return plan_of({})
        solution = problem.solve(exploration_level=self.params.exploration, nb_threads=1)
        routes = _changed(seen, couriers, solution.routes, aboard)
        waits = _first_waits(solution.routes)
        leave_at = [seen.now + waits.get(k, 0.0) for k in routes]
        return plan_of(routes, np.array(leave_at, dtype=np.float64))

    def _vehicle(
        self,
        seen: DispatchObservation,
        k: int,
        at: _Places,
        skills: set[int],
        room: int,
    ) -> Any:
        import vroom

        fleet = seen.fleet
        start = int(np.ceil(max(float(fleet.free_at[k]) - seen.now, 0.0) * SECONDS))
        # Who carries something delivers it, however late; pickups have their windows by the shift.
        return vroom.Vehicle(
            k,
            start=at.start[k],
            end=at.end[k] if seen.must_return else None,
            capacity=[int(fleet.capacity[k])],
            skills=skills,
            time_window=(start, FOREVER),
            max_tasks=room,
            speed_factor=float(np.clip(1.0 / fleet.speed[k], 0.2, 5.0)),
        )

    def _shipment(
        self,
        seen: DispatchObservation,
        job: int,
        at: _Places,
        couriers: NDArray[np.int64],
        priority: int,
        skills: set[int],
    ) -> Any:
        """A parcel to be fetched and brought; None where it cannot be any more."""
        import vroom

        jobs, fleet = seen.jobs, seen.fleet
        before = seen.service_before
        ready = float(jobs.ready[job]) - before * float(jobs.pickup_service[job])
        end = float(fleet.shift_end[couriers].max()) - before * float(jobs.pickup_service[job])
        latest = min(end, float(jobs.pickup_by[job]))
        if latest < max(ready, seen.now):
            return None
        direct = float(seen.travel.minutes[jobs.pickup[job], jobs.dropoff[job]]) * seen.slowdown
        soonest = max(ready, seen.now) + float(jobs.pickup_service[job]) + direct
        opens = float(jobs.not_before[job]) - before * float(jobs.dropoff_service[job])
        arrive_by = min(max(soonest, opens) + self.params.slack, float(jobs.deadline[job]))
        if arrive_by < max(opens, seen.now):
            return None

        def step(location: int, service: float, first: float, last: float) -> Any:
            return vroom.ShipmentStep(
                id=job,
                location=location,
                default_service=int(np.rint(service * SECONDS)),
                time_windows=[vroom.TimeWindow(_seconds(first, seen), _seconds(last, seen))],
            )

        return vroom.Shipment(
            step(at.pickup[job], float(jobs.pickup_service[job]), ready, latest),
            step(at.dropoff[job], float(jobs.dropoff_service[job]), opens, arrive_by),
            amount=vroom.Amount([int(jobs.units[job])]),
            skills=skills,
            priority=priority,
        )


def _turned_down(seen: DispatchObservation, open_: set[int]) -> dict[int, set[int]]:
    """Which couriers have turned down each open job that somebody has."""
    by: dict[int, set[int]] = {}
    for courier, job in seen.refused.tolist():
        if job in open_:
            by.setdefault(job, set()).add(courier)
    return by


def _seconds(minute: float, seen: DispatchObservation) -> int:
    """A minute of the day in whole seconds from now."""
    return int(np.clip((minute - seen.now) * SECONDS, 0, FOREVER))


def _on_board(seen: DispatchObservation, job: int, at: _Places, k: int) -> Any:
    import vroom

    jobs = seen.jobs
    return vroom.Job(
        job,
        location=at.dropoff[job],
        default_service=int(np.rint(float(jobs.dropoff_service[job]) * SECONDS)),
        delivery=vroom.Amount([int(jobs.units[job])]),
        skills={k},
        priority=PRIORITIES,
    )


def _by_courier(
    seen: DispatchObservation, couriers: NDArray[np.int64]
) -> tuple[dict[int, list[int]], set[int]]:
    """What each courier has on board, and the jobs that anybody may still fetch."""
    open_ = set(seen.waiting.tolist())
    aboard = {}
    for k in couriers.tolist():
        route = route_of(seen, k)
        aboard[k] = [job for job, _ in on_board(route)]
        open_ |= {job for job, is_dropoff in route if not is_dropoff}
    return aboard, open_


@dataclass(frozen=True)
class _Places:
    """The place of every stop that matters now; two stops at one door are two places.

    Attributes:
        places: The numbers of the places in the tables of travel times, shape (stops,).
        start: For each courier, where in `places` it is.
        end: For each courier, where in `places` its base is; empty where it need not return.
        pickup: For each open job, where in `places` its shop is.
        dropoff: For each job that is open or on board, where in `places` its door is.
    """

    places: NDArray[np.int64]
    start: dict[int, int]
    end: dict[int, int]
    pickup: dict[int, int]
    dropoff: dict[int, int]

    @classmethod
    def of(
        cls,
        seen: DispatchObservation,
        couriers: NDArray[np.int64],
        jobs: NDArray[np.int64],
        aboard: dict[int, list[int]],
    ) -> _Places:
        """The places for some couriers, the open jobs, and what is on board."""
        fleet, known = seen.fleet, seen.jobs
        carried = np.array([job for held in aboard.values() for job in held], dtype=np.int64)
        at_doors = np.concatenate([jobs, carried])
        returning = couriers if seen.must_return else couriers[:0]
        parts = [
            fleet.place[couriers],
            fleet.base[returning],
            known.pickup[jobs],
            known.dropoff[at_doors],
        ]
        starts = np.cumsum([0, *map(len, parts)]).tolist()

        def numbered(who: NDArray[np.int64], first: int) -> dict[int, int]:
            return {int(one): first + row for row, one in enumerate(who)}

        return cls(
            np.concatenate(parts).astype(np.int64),
            numbered(couriers, starts[0]),
            numbered(returning, starts[1]),
            numbered(jobs, starts[2]),
            numbered(at_doors, starts[3]),
        )


def _costs(seconds: FloatArray) -> NDArray[np.uint32]:
    """What each leg costs VROOM: its seconds, and a number below one second of its own.

    The numbers come from a generator with a fixed seed: the same question has the same answer.
    """
    whole = np.rint(seconds)
    np.fill_diagonal(whole, 0.0)
    dearest = max(whole.max(axis=1).sum(), whole.max(axis=0).sum()) + len(whole)
    scale = int(np.clip(MOST_COSTS // dearest, 1, COSTS_A_SECOND))
    costs = whole * scale + np.random.default_rng(0).integers(scale, size=seconds.shape)
    np.fill_diagonal(costs, 0.0)
    numbers: NDArray[np.uint32] = costs.astype(np.uint32)
    return numbers


def _first_waits(table: Any) -> dict[int, float]:
    """Minutes from now at which each courier need not have left yet for its first stop."""
    waits: dict[int, float] = {}
    if len(table):
        for row in table[table["type"] != "start"].itertuples():
            done = float(row.arrival + row.waiting_time - row.duration) / SECONDS
            waits.setdefault(int(row.vehicle_id), done)
    return waits


def _changed(
    seen: DispatchObservation,
    couriers: NDArray[np.int64],
    table: Any,
    aboard: dict[int, list[int]],
) -> dict[int, Route]:
    """The routes of VROOM's answer that differ from the present ones."""
    routes: dict[int, Route] = {k: [] for k in couriers.tolist()}
    if len(table):  # it is empty where VROOM can serve nobody
        for row in table[table["type"] != "start"].itertuples():
            if row.type in ("pickup", "delivery", "job"):
                routes[int(row.vehicle_id)].append((int(row.id), row.type != "pickup"))
    changed = {}
    for k, route in routes.items():
        lost = set(aboard[k]) - {job for job, _ in route}
        whole = [*((job, True) for job in aboard[k] if job in lost), *route]
        if whole != route_of(seen, k):
            changed[k] = whole
    return changed
