"""What VROOM is asked at one decision: who drives, what is on board, what is to be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import vroom
from numpy.typing import NDArray

from policies.arrays import FloatArray
from policies.dispatch.routes import on_board, route_of
from policies.dispatch.vroom import SECONDS
from policies.observations import DispatchObservation

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


class Question:
    """A decision's parcels and couriers, put to VROOM with as much slack as is asked for."""

    def __init__(self, seen: DispatchObservation) -> None:
        self.seen = seen
        self.couriers: NDArray[np.int64] = np.flatnonzero(seen.fleet.on_shift).astype(np.int64)
        self.aboard, open_ = _by_courier(seen, self.couriers)
        self.jobs = np.array(sorted(open_), dtype=np.int64)
        self._at = _Places.of(seen, self.couriers, self.jobs, self.aboard)
        places = self._at.places
        seconds = seen.travel.minutes[np.ix_(places, places)] * (seen.slowdown * SECONDS)
        self._seconds = np.rint(seconds).astype(np.uint32)
        self._costs = costs(seconds)
        self._turned_down = _turned_down(seen, open_)
        self._there = self._soonest_at_shops()
        by_age = self.jobs[np.argsort(seen.jobs.placed[self.jobs], kind="stable")]
        self._priority = {
            job: PRIORITIES - 1 - rank * (PRIORITIES - 1) // len(by_age)
            for rank, job in enumerate(by_age.tolist())
        }

    def answer(
        self, slack: Mapping[int, float], held: float, vehicle_minutes: float, exploration: int
    ) -> Any:
        """Solve it.

        Args:
            slack: minutes that each open job may come to its door later than it could.
            held: the same for what is on board.
            vehicle_minutes: minutes of driving that to send out one courier more is worth.
            exploration: VROOM's exploration level.

        Returns:
            VROOM's table of steps, in routes' order; empty where it can serve nobody.
        """
        problem = vroom.Input()
        problem.set_durations_matrix("car", self._seconds)
        problem.set_costs_matrix("car", self._costs)
        tasks = 0
        for k in self.couriers.tolist():
            problem.add_vehicle(self._vehicle(k, vehicle_minutes))
            for job in self.aboard[k]:
                problem.add_job(self._on_board(job, k, held))
                tasks += 1
        for job in self._priority:
            shipment = self._shipment(job, slack[job])
            if shipment is not None:
                problem.add_job(shipment)
                tasks += 1
        if tasks == 0:
            return ()
        return problem.solve(exploration_level=exploration, nb_threads=1).routes

    def _vehicle(self, k: int, vehicle_minutes: float) -> Any:
        seen, fleet = self.seen, self.seen.fleet
        start = int(np.ceil(max(float(fleet.free_at[k]) - seen.now, 0.0) * SECONDS))
        skills = {k} | {OTHERS + job for job, by in self._turned_down.items() if k not in by}
        # Who carries something delivers it, however late; pickups have their windows by the shift.
        return vroom.Vehicle(
            k,
            start=self._at.start[k],
            end=self._at.end[k] if seen.must_return else None,
            capacity=[int(fleet.capacity[k])],
            skills=skills,
            time_window=(start, FOREVER),
            max_tasks=fleet.route_job.shape[1] - len(self.aboard[k]),
            speed_factor=float(np.clip(1.0 / fleet.speed[k], 0.2, 5.0)),
            costs=vroom.VehicleCosts(fixed=int(vehicle_minutes * SECONDS)),
        )

    def _shipment(self, job: int, slack: float) -> Any:
        """A parcel to be fetched and brought; None where it cannot be any more."""
        seen, jobs, fleet = self.seen, self.seen.jobs, self.seen.fleet
        before = seen.service_before
        ready = float(jobs.ready[job]) - before * float(jobs.pickup_service[job])
        end = float(fleet.shift_end[self.couriers].max())
        end -= before * float(jobs.pickup_service[job])
        latest = min(end, float(jobs.pickup_by[job]))
        if latest < max(ready, seen.now):
            return None
        direct = float(seen.travel.minutes[jobs.pickup[job], jobs.dropoff[job]]) * seen.slowdown
        soonest = max(ready, self._there[job]) + float(jobs.pickup_service[job]) + direct
        opens = float(jobs.not_before[job]) - before * float(jobs.dropoff_service[job])
        arrive_by = min(max(soonest, opens) + slack, float(jobs.deadline[job]))
        if arrive_by < max(opens, seen.now):
            return None

        def step(location: int, service: float, first: float, last: float) -> Any:
            return vroom.ShipmentStep(
                id=job,
                location=location,
                default_service=int(np.rint(service * SECONDS)),
                time_windows=[self._window(first, last)],
            )

        return vroom.Shipment(
            step(self._at.pickup[job], float(jobs.pickup_service[job]), ready, latest),
            step(self._at.dropoff[job], float(jobs.dropoff_service[job]), opens, arrive_by),
            amount=vroom.Amount([int(jobs.units[job])]),
            skills={OTHERS + job} if job in self._turned_down else set(),
            priority=self._priority[job],
        )

    def _on_board(self, job: int, k: int, slack: float) -> Any:
        """A parcel that its courier brings `slack` minutes after the soonest at most."""
        seen, jobs, fleet = self.seen, self.seen.jobs, self.seen.fleet
        opens = float(jobs.not_before[job]) - seen.service_before * float(jobs.dropoff_service[job])
        leg = float(seen.travel.minutes[fleet.place[k], jobs.dropoff[job]]) * seen.slowdown
        soonest = max(float(fleet.free_at[k]), seen.now) + leg * float(fleet.speed[k])
        return vroom.Job(
            job,
            location=self._at.dropoff[job],
            default_service=int(np.rint(float(jobs.dropoff_service[job]) * SECONDS)),
            delivery=vroom.Amount([int(jobs.units[job])]),
            skills={k},
            priority=PRIORITIES,
            time_windows=[self._window(opens, max(soonest, opens) + slack)],
        )

    def _soonest_at_shops(self) -> dict[int, float]:
        """The minute at which each open job's shop could see a courier with nothing on board."""
        seen, fleet = self.seen, self.seen.fleet
        idle = np.array([k for k in self.couriers.tolist() if not self.aboard[k]], dtype=np.int64)
        if len(idle) == 0:
            idle = self.couriers
        shops = seen.jobs.pickup[self.jobs]
        legs = seen.travel.minutes[np.ix_(fleet.place[idle], shops)] * seen.slowdown
        there = np.maximum(fleet.free_at[idle], seen.now)[:, None] + legs * fleet.speed[idle, None]
        found = there.min(axis=0, initial=np.inf)
        return dict(zip(self.jobs.tolist(), found.tolist(), strict=True))

    def _window(self, first: float, last: float) -> Any:
        """A span of the day, which must not end before it begins, in whole seconds from now."""
        begin, end = (
            int(np.clip((minute - self.seen.now) * SECONDS, 0, FOREVER)) for minute in (first, last)
        )
        return vroom.TimeWindow(begin, max(begin, end))


def costs(seconds: FloatArray) -> NDArray[np.uint32]:
    """What each leg costs VROOM: its seconds, and a number below one second of its own.

    The numbers come from a generator with a fixed seed: the same question has the same answer.
    """
    whole = np.rint(seconds)
    np.fill_diagonal(whole, 0.0)
    dearest = max(whole.max(axis=1).sum(), whole.max(axis=0).sum()) + len(whole)
    scale = int(np.clip(MOST_COSTS // dearest, 1, COSTS_A_SECOND))
    dear = whole * scale + np.random.default_rng(0).integers(scale, size=seconds.shape)
    np.fill_diagonal(dear, 0.0)
    numbers: NDArray[np.uint32] = dear.astype(np.uint32)
    return numbers


def _turned_down(seen: DispatchObservation, open_: set[int]) -> dict[int, set[int]]:
    """Which couriers have turned down each open job that somebody has."""
    by: dict[int, set[int]] = {}
    for courier, job in seen.refused.tolist():
        if job in open_:
            by.setdefault(job, set()).add(courier)
    return by


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
