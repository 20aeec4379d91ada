"""What couriers did in a day, summed up as it happens."""

from __future__ import annotations

import numpy as np

from sim.delivery.jobs import Shifts
from sim.delivery.known_jobs import JobColumns
from sim.delivery.records import DayOutcome, Stop


class Tallies:
    """Sums by courier, and their stops. Plain lists, as one number is added at a time."""

    def __init__(self, shifts: Shifts) -> None:
        """Nothing was done yet."""
        n = len(shifts.courier)
        self.end: list[float] = shifts.end.astype(np.float64).tolist()
        self.deliveries, self.pickups, self.visits = [0] * n, [0] * n, [0] * n
        self.offers, self.refusals = [0] * n, [0] * n
        self.metres, self.empty_metres, self.driving = [0.0] * n, [0.0] * n, [0.0] * n
        self.waiting, self.resting, self.serving = [0.0] * n, [0.0] * n, [0.0] * n
        self.relays = 0
        self.stops: list[Stop] = []

    def drive(self, k: int, minutes: float, metres: float, parcels: int) -> None:
        """Courier k drives with so many parcels on board."""
        self.metres[k] += metres
        self.driving[k] += minutes
        if parcels == 0:
            self.empty_metres[k] += metres

    def outcome(self, jobs: JobColumns) -> DayOutcome:
        """The day as it went."""
        number = jobs.number
        return DayOutcome(
            job=number[: jobs.known],
            courier=np.array(jobs.courier, dtype=np.int64),
            assigned=np.array(jobs.assigned, dtype=np.float64),
            picked_up=np.array(jobs.picked_up, dtype=np.float64),
            handed_over=np.array(jobs.handed_over, dtype=np.float64),
            tries=np.array(jobs.tries, dtype=np.int64),
            delivered=number[jobs.delivered],
            cancelled=number[jobs.cancelled],
            spoiled=number[jobs.spoiled],
            end=np.array(self.end, dtype=np.float64),
            deliveries=np.array(self.deliveries, dtype=np.int64),
            pickups=np.array(self.pickups, dtype=np.int64),
            pickup_visits=np.array(self.visits, dtype=np.int64),
            metres=np.array(self.metres, dtype=np.float64),
            empty_metres=np.array(self.empty_metres, dtype=np.float64),
            driving=np.array(self.driving, dtype=np.float64),
            waiting=np.array(self.waiting, dtype=np.float64),
            serving=np.array(self.serving, dtype=np.float64),
            resting=np.array(self.resting, dtype=np.float64),
            offers=np.array(self.offers, dtype=np.int64),
            refusals=np.array(self.refusals, dtype=np.int64),
            relays=self.relays,
            stops=self.stops,
        )
