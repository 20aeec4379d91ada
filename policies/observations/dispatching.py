"""What the dispatcher is shown, and what it plans."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray


class TravelTimes(Protocol):
    """Minutes and metres between places (rows of a table, not road nodes)."""

    @property
    def minutes(self) -> FloatArray:
        """(P, P) minutes from row to column; obeys the triangle inequality."""

    @property
    def metres(self) -> FloatArray:
        """(P, P) metres driven on the fastest way."""


@dataclass(frozen=True, slots=True)
class KnownJobs:
    """The jobs that the dispatcher knows so far, in the order in which it came to know them.

    A job is a parcel from one pickup place to one drop-off place. Job j is row j all day long. M
    jobs; minutes since the start of day 0.
    """

    number: IntArray  # (M,) row in the deliveries table: the job's name outside this day
    pickup: IntArray  # (M,) place
    dropoff: IntArray  # (M,) place
    placed: FloatArray  # (M,) minute of the order
    ready: FloatArray  # (M,) minute at which the merchant expects to hand it over
    pickup_by: FloatArray  # (M,) minute after which its pickup may not begin; inf: never too late
    not_before: FloatArray  # (M,) minute before which it may not be handed over at the door
    due: FloatArray  # (M,) promised minute; later is late, but still wanted
    deadline: FloatArray  # (M,) minute after which it is worth nothing (a broken cold chain); inf
    units: IntArray  # (M,) load it takes in the courier's bag
    pickup_service: FloatArray  # (M,) minutes that fetching it takes
    dropoff_service: FloatArray  # (M,) minutes that handing it over takes
    waits: BoolArray  # (M,) it waits: in no route, not on board, not ended


@dataclass(frozen=True, slots=True)
class Fleet:
    """The couriers of the day; row k is the same courier all day. K couriers, R stops at most.

    What a courier is doing now (driving to a stop, serving it) is committed and not part of its
    route: `place`, `free_at` and `load` are as after it. The stops behind it may be reordered,
    given to others (unless the parcel is on board) and added to.
    """

    courier: IntArray  # (K,) ids
    on_shift: BoolArray  # (K,) whether it takes new work now; others have no route to plan
    base: IntArray  # (K,) place where its shift begins
    place: IntArray  # (K,) where it is, or will be after its present stop
    free_at: FloatArray  # (K,) minute at which it can leave `place`; may lie in the past
    lingers: FloatArray  # (K,) minutes of `free_at` that are the rest of a pickup's service, which
    # another pickup at the same place may still precede without a service of its own; else 0
    shift_end: FloatArray  # (K,) minute after which it fetches nothing, waiting included
    capacity: IntArray  # (K,) units
    speed: FloatArray  # (K,) the courier's own factor on travel minutes (2: twice as long)
    load: IntArray  # (K,) units on board at `free_at`
    earned: FloatArray  # (K,) currency units of piece rate earned so far today
    minutes_on_shift: FloatArray  # (K,) so far today
    route_length: IntArray  # (K,) planned stops
    route_job: IntArray  # (K, R) row in the known jobs of each planned stop, -1 padded
    route_is_dropoff: BoolArray  # (K, R)


@dataclass(frozen=True, slots=True)
class DispatchObservation:
    """Handed to the dispatcher at one moment: jobs known so far, couriers, travel times.

    Its arrays are read-only windows on what the engine keeps, not copies: they hold for the call
    and change after it.

    At a stop, `service_before` of the service lies before the handover and the rest after it. Jobs
    fetched one after the other at one place share one service where `shared_pickup` holds: the
    first takes its whole service, the others take none.
    """

    now: float  # minutes since the start of day 0
    jobs: KnownJobs
    waiting: IntArray  # (J,) rows of jobs that wait, in the order in which they came to wait
    fleet: Fleet
    changed: BoolArray  # (K,) couriers whose state changed since the last call
    slowdown: float  # factor on everybody's travel minutes now
    service_before: float  # share of a stop's service that lies before the handover, in [0, 1]
    shared_pickup: bool
    must_return: bool  # a route ends at the courier's base, by `shift_end`
    refused: IntArray  # (D, 2) pairs of courier row and job row that the courier turned down
    forecast: FloatArray  # (P,) orders expected at each place in the next hour; empty: not known
    travel: TravelTimes


def _nothing() -> IntArray:
    return np.empty(0, dtype=np.int64)


def _no_minutes() -> FloatArray:
    return np.empty(0)


@dataclass(frozen=True, slots=True)
class DispatchPlan:
    """New routes for some couriers; each replaces the whole route shown.

    A job that was in a replaced route and is in no new one waits again. A courier leaves for its
    first stop at once, or at `leave_at`, and until then its route can be changed. Couriers without
    a route may be sent to places where orders are expected.
    """

    courier: IntArray  # (U,) rows of the fleet
    route_job: IntArray  # (U, R) rows of the known jobs at the stops, -1 padded
    route_is_dropoff: BoolArray  # (U, R)
    leave_at: FloatArray = field(default_factory=_no_minutes)  # (U,) minutes; empty: at once
    moved: IntArray = field(default_factory=_nothing)  # (V,) rows of idle couriers to be sent
    moved_to: IntArray = field(default_factory=_nothing)  # (V,) places
