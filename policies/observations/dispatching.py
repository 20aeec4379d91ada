"""What the dispatcher is shown, and what it plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from policies.arrays import BoolArray, FloatArray, IntArray


class TravelTimes(Protocol):
    """Minutes and metres between places (rows of a table, not road nodes)."""

    @property
    def minutes(self) -> FloatArray:
        """(P, P) minutes from row to column."""

    @property
    def metres(self) -> FloatArray:
        """(P, P) metres driven on the fastest way."""


@dataclass(frozen=True, slots=True)
class DispatchObservation:
    """Handed to the dispatcher at one moment: jobs known so far, couriers on shift, travel times.

    A job is a parcel from one pickup place to one drop-off place. J jobs wait unassigned; K
    couriers are on shift. What a courier is doing now (driving to a stop, serving it) is committed
    and not part of its route here: `place`, `free_at` and `load` are as after it. The stops behind
    it may be reordered, given to others (unless the parcel is on board) and added to. Half of a
    stop's service comes before the handover and half after it.
    """

    now: float  # minutes since the start of day 0
    job: IntArray  # (J,) ids of unassigned jobs, in the order of their placement
    pickup: IntArray  # (J,) place
    dropoff: IntArray  # (J,) place
    placed: FloatArray  # (J,) minute
    ready: FloatArray  # (J,) minute at which the merchant expects to hand it over
    due: FloatArray  # (J,) promised minute
    units: IntArray  # (J,) load it takes in the courier's bag
    courier: IntArray  # (K,) ids
    place: IntArray  # (K,) where the courier is, or will be after its present stop
    free_at: FloatArray  # (K,) minute at which it can leave `place`
    shift_end: FloatArray  # (K,) minute after which no pickup should begin
    capacity: IntArray  # (K,) units
    speed: FloatArray  # (K,) factor on travel minutes (1: as the table has it, 2: twice as long)
    load: IntArray  # (K,) units on board at `free_at`
    route_length: IntArray  # (K,) planned stops
    route_job: IntArray  # (K, R) job of each planned stop, -1 padded
    route_is_dropoff: BoolArray  # (K, R)
    route_place: IntArray  # (K, R) place of each planned stop
    route_due: FloatArray  # (K, R) promise of the stop's job
    route_ready: FloatArray  # (K, R) expected ready minute of the stop's job
    route_units: IntArray  # (K, R) load of the stop's job
    pickup_service: float  # minutes at a pickup, half of them before the handover
    dropoff_service: float  # minutes at a drop-off, half of them before the handover
    travel: TravelTimes


@dataclass(frozen=True, slots=True)
class DispatchPlan:
    """New routes for some couriers; each replaces the whole route shown.

    A job that was in a replaced route and is in no new one waits again.
    """

    courier: IntArray  # (U,) index into the observation's couriers
    route_job: IntArray  # (U, R) jobs of the stops, -1 padded
    route_is_dropoff: BoolArray  # (U, R)
