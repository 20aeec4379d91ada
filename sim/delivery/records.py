"""What a day of deliveries leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from policies.arrays import FloatArray, IntArray


class StopKind(IntEnum):
    """What a courier drives to."""

    PICKUP = 0
    DROPOFF = 1
    MOVE = 2  # to a place where orders are expected
    RETURN = 3  # back to its base


class Stop(NamedTuple):
    """One stop of a courier, in the order of the handovers. Minutes since the start of day 0."""

    courier: int  # row of the day's shifts
    kind: StopKind
    job: int  # row in the deliveries table, -1 for moves and returns
    origin: int  # place from which it came
    place: int
    left: float  # minute at which it left the origin; the arrival where it did not have to move
    arrived: float
    handover: float
    parcels: int  # parcels on board on the way


@dataclass(frozen=True, slots=True)
class DayOutcome:
    """What came of the day. M jobs that became known; K couriers of the day's shifts."""

    job: IntArray  # (M,) rows in the deliveries table
    courier: IntArray  # (M,) row of the shifts of who fetched it last, -1: nobody
    assigned: FloatArray  # (M,) minute at which a courier left for its pickup, nan: nobody
    picked_up: FloatArray  # (M,) minute at which it was first fetched, nan: never
    handed_over: FloatArray  # (M,) minute at which it was delivered, nan: it was not
    tries: IntArray  # (M,) at the door today
    delivered: IntArray  # rows in the deliveries table
    cancelled: IntArray  # rows: the buyer cancelled, or nobody answered the last try
    spoiled: IntArray  # rows that missed their deadline
    end: FloatArray  # (K,) minute at which each courier was done
    deliveries: IntArray  # (K,) parcels delivered
    pickups: IntArray  # (K,) parcels fetched
    pickup_visits: IntArray  # (K,) visits at which they were fetched
    metres: FloatArray  # (K,)
    empty_metres: FloatArray  # (K,)
    driving: FloatArray  # (K,) minutes
    waiting: FloatArray  # (K,) minutes at shops and doors until a handover was possible
    serving: FloatArray  # (K,) minutes of service at shops and doors
    resting: FloatArray  # (K,) minutes of breaks
    offers: IntArray  # (K,)
    refusals: IntArray  # (K,)
    relays: int  # parcels taken over from couriers who dropped out
    stops: list[Stop] = field(repr=False)
