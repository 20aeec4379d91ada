"""What a day of deliveries is given: the parcels, the couriers' shifts, and what holds all day."""

from __future__ import annotations

import math
from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Jobs:
    """The parcels that may be brought today. J jobs; places; minutes since the start of day 0.

    A dispatcher comes to know a job at `known_at`, and never sees the fields marked hidden.
    """

    number: IntArray  # (J,) row in the deliveries table
    pickup: IntArray  # (J,) place
    dropoff: IntArray  # (J,) place
    known_at: FloatArray  # (J,)
    placed: FloatArray  # (J,)
    expected_ready: FloatArray  # (J,) as the merchant expects it
    ready: FloatArray  # (J,) hidden: as it will be
    pickup_by: FloatArray  # (J,) the pickup may not begin later; inf
    not_before: FloatArray  # (J,) earliest handover at the door; 0
    due: FloatArray  # (J,) promised minute
    deadline: FloatArray  # (J,) a handover after it is refused at the door; inf
    units: IntArray  # (J,)
    pickup_service: FloatArray  # (J,) minutes
    dropoff_service: FloatArray  # (J,) minutes
    fails: BoolArray  # (J, T) hidden: nobody answers the first, second ... try today
    tried: IntArray  # (J,) tries at the door on earlier days
    cancelled_at: FloatArray  # (J,) hidden: the buyer cancels, unless it is being fetched; inf


@dataclass(frozen=True, slots=True)
class Shifts:
    """Today's shifts. K couriers; minutes since the start of day 0."""

    courier: IntArray  # (K,) rows
    start: FloatArray  # (K,)
    end: FloatArray  # (K,) minute after which nothing is fetched, as far as can be foreseen
    base: IntArray  # (K,) places
    speed: FloatArray  # (K,) factor on travel minutes, or (K, 24) by the hour of the day
    capacity: IntArray  # (K,) units
    break_at: FloatArray  # (K,) minute from which a break is due; inf: none
    break_minutes: FloatArray  # (K,)
    offline_at: FloatArray  # (K,) hidden: minute at which it drops out, parcels and all; inf


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds all day."""

    service_before: float = 0.5  # share of a stop's service before the handover
    shared_pickup: bool = True  # parcels fetched together at one place share one service
    must_return: bool = False  # couriers end at their bases, by the end of their shifts
    attempts: int = 1  # tries at the door before a parcel is cancelled
    retry_after: float = math.inf  # minutes until the same courier tries again; inf: tomorrow
    pay_per_delivery: float = 0.0  # currency units: what `Fleet.earned` counts
    last_call: float = math.inf  # minute after which no buyer cancels and nothing waiting spoils
    most_stops: int = 24  # R, stops that a route holds
