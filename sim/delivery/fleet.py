"""The couriers of a day, in columns of which the dispatcher sees windows."""

from __future__ import annotations

import math

import numpy as np

from policies.observations.dispatching import Fleet
from sim.delivery.jobs import Shifts
from sim.delivery.known_jobs import window
from sim.delivery.records import Stop

Route = list[tuple[int, bool]]
"""(Row of the known jobs, is it the drop-off) of each stop."""


class FleetColumns:
    """Row k is courier k of the day's shifts."""

    def __init__(self, shifts: Shifts, most_stops: int) -> None:
        """Couriers at their bases before their shifts."""
        n = len(shifts.courier)
        self.courier = shifts.courier.astype(np.int64)
        self.on_shift = np.zeros(n, dtype=np.bool_)
        self.base = shifts.base.astype(np.int64)
        self.place = self.base.copy()
        self.free_at = shifts.start.astype(np.float64)
        self.lingers = np.zeros(n)
        self.shift_end = shifts.end.astype(np.float64)
        self.capacity = shifts.capacity.astype(np.int64)
        self._by_hour = shifts.speed if shifts.speed.ndim == 2 else None  # (K, 24)
        self.speed = np.ones(n)
        self.load = np.zeros(n, dtype=np.int64)
        self.earned = np.zeros(n)
        self.minutes_on_shift = np.zeros(n)
        self.route_length = np.zeros(n, dtype=np.int64)
        self.route_job = np.full((n, most_stops), -1, dtype=np.int64)
        self.route_is_dropoff = np.zeros((n, most_stops), dtype=np.bool_)
        self.changed = np.zeros(n, dtype=np.bool_)  # since the dispatcher was last asked
        shown = [
            self.courier, self.on_shift, self.base, self.place, self.free_at, self.lingers,
            self.shift_end, self.capacity, self.speed, self.load, self.earned,
            self.minutes_on_shift, self.route_length, self.route_job, self.route_is_dropoff,
        ]  # fmt: skip
        self.shown = Fleet(*map(window, shown))
        self.shown_changed = window(self.changed)
        # Hidden from the dispatcher:
        self.start = shifts.start.astype(np.float64)
        self.bag: list[dict[int, None]] = [{} for _ in range(n)]  # drop-offs a route must hold
        self.parcels = [0] * n  # on board now
        self.at: list[Stop | None] = [None] * n  # the stop that a courier is committed to
        self.in_shop = [False] * n  # has fetched a parcel, and may fetch others in the same visit
        self.rest = [0.0] * n  # minutes of the present stop's service after the handover
        self.leave_at = [-math.inf] * n
        self.break_at: list[float] = shifts.break_at.tolist()  # inf once taken
        self.break_minutes: list[float] = shifts.break_minutes.tolist()
        self.drops_out = [False] * n  # as soon as it is done with its present stop
        self.gone = [False] * n
        if self._by_hour is None:
            self.speed[:] = shifts.speed

    @property
    def has_hours(self) -> bool:
        """Whether couriers are faster at some hours than at others."""
        return self._by_hour is not None

    def hour_strikes(self, now: float) -> None:
        """Couriers drive as fast as their vehicles are at the hour of a minute."""
        if self._by_hour is not None:
            self.speed[:] = self._by_hour[:, int(now % 1440.0 // 60.0)]
            self.changed[:] = True

    def route(self, k: int) -> Route:
        """The planned stops of a courier."""
        n = int(self.route_length[k])
        return list(
            zip(self.route_job[k, :n].tolist(), self.route_is_dropoff[k, :n].tolist(), strict=True)
        )

    def set_route(self, k: int, route: Route) -> None:
        """Replace a courier's planned stops."""
        n = len(route)
        self.route_length[k] = n
        self.route_job[k, n:] = -1
        self.route_is_dropoff[k, n:] = False
        if n:
            self.route_job[k, :n] = [job for job, _ in route]
            self.route_is_dropoff[k, :n] = [is_dropoff for _, is_dropoff in route]

    def append(self, k: int, job: int, *, is_dropoff: bool) -> None:
        """Add a stop to the end of a courier's route."""
        n = int(self.route_length[k])
        if n == self.route_job.shape[1]:
            raise AssertionError(f"the route of courier {k} is full")
        self.route_job[k, n], self.route_is_dropoff[k, n] = job, is_dropoff
        self.route_length[k] = n + 1

    def first(self, k: int) -> tuple[int, bool]:
        """The first stop of a courier's route, which has one."""
        return int(self.route_job[k, 0]), bool(self.route_is_dropoff[k, 0])

    def take_first(self, k: int) -> tuple[int, bool]:
        """Take the first stop out of a courier's route."""
        first, n = self.first(k), int(self.route_length[k])
        self.route_job[k, : n - 1] = self.route_job[k, 1:n]
        self.route_is_dropoff[k, : n - 1] = self.route_is_dropoff[k, 1:n]
        self.route_job[k, n - 1] = -1
        self.route_is_dropoff[k, n - 1] = False
        self.route_length[k] = n - 1
        return first

    def rests_at(self, k: int) -> float:
        """Minute from which a courier takes its break if nothing comes in between; inf: none."""
        if self.bag[k] or not self.on_shift[k]:
            return math.inf
        return self.break_at[k]
