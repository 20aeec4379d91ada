"""An instance of courier dispatch: who orders what where, who works when, and what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from policies.arrays import FloatArray
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.known_jobs import window


class InstanceError(ValueError):
    """An instance that cannot be read."""


class Problem(Enum):
    """What kind of problem an instance poses."""

    MEALS = "meal delivery"  # Reyes et al. (2018): orders become known as they are placed
    PICKUP_AND_DELIVERY = "pickup and delivery with time windows"  # Li & Lim (2001): all known


@dataclass(frozen=True, slots=True)
class Plane:
    """Minutes and metres between the points of an instance; dispatchers cannot change them."""

    minutes: FloatArray  # (P, P)
    metres: FloatArray  # (P, P)

    def __post_init__(self) -> None:
        """Make both read-only."""
        for name in ("minutes", "metres"):
            object.__setattr__(self, name, window(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class MealTerms:
    """What meal delivery promises and pays."""

    target: float  # minutes from click to door
    worst: float  # minutes that an order counts which is not delivered, or later than this
    pay_per_order: float
    guarantee_per_hour: float


@dataclass(frozen=True, slots=True)
class BestKnown:
    """The best solution that somebody has published."""

    vehicles: int
    distance: float


@dataclass(frozen=True, slots=True)
class Instance:
    """A day to be dispatched. P points, J orders, K couriers."""

    name: str
    problem: Problem
    jobs: Jobs  # row j is orders[j]
    shifts: Shifts  # row k is couriers[k]
    conditions: Conditions
    travel: Plane
    x: FloatArray  # (P,)
    y: FloatArray  # (P,)
    point_names: tuple[str, ...]  # (P,)
    orders: tuple[str, ...]  # (J,)
    couriers: tuple[str, ...]  # (K,)
    meal: MealTerms | None = None
    best_known: BestKnown | None = None

    def with_noise(self, sd: float, seed: int) -> Instance:
        """The instance with true preparation times that differ from what merchants expect.

        Args:
            sd: standard deviation of the difference, minutes; an order is never ready before it is
                placed.
            seed: of the noise.
        """
        from dataclasses import replace

        noise = np.random.default_rng(seed).normal(0.0, sd, len(self.orders))
        ready = np.maximum(self.jobs.expected_ready + noise, self.jobs.placed)
        return replace(self, jobs=replace(self.jobs, ready=ready))
