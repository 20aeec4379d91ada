"""Parameters that dispatch policies share, each of which a platform can set."""

from __future__ import annotations

from pydantic import Field

from policies.params import PolicyParams

A_DAY = 1440.0  # minutes


class Planning(PolicyParams):
    """What counts in a route, and what is allowed. Costs are in minutes of a courier."""

    door_weight: float = Field(
        4.0, ge=0.0, le=100.0, description="cost of a minute until a parcel is at the door"
    )
    lateness_weight: float = Field(
        2.0, ge=0.0, le=100.0, description="cost of a minute that a parcel is late"
    )
    courier_weight: float = Field(
        0.5, ge=0.0, le=100.0, description="cost of a minute in which a courier is busy"
    )
    driving_weight: float = Field(
        0.0, ge=0.0, le=100.0, description="cost of a minute driven, beside the courier's minute"
    )
    opening_cost: float = Field(
        0.0,
        ge=0.0,
        le=1e6,
        description="cost of giving work to a courier who has none; large: as few as possible",
    )
    fairness: float = Field(
        0.0,
        ge=0.0,
        le=1000.0,
        description="cost of a parcel for a courier who has earned twice the mean an hour today; "
        "who has earned less than the mean is cheaper in proportion",
    )
    most_stops: int = Field(
        12, ge=2, le=1024, description="stops planned ahead for a courier; other parcels wait"
    )
    most_on_board: int = Field(
        100, ge=1, le=100, description="parcels that a courier carries at a time"
    )
    most_detour: float = Field(
        A_DAY,
        ge=0.0,
        le=A_DAY,
        description="minutes that a parcel may ride longer than by the direct way; a day: any",
    )
    hold_back: float = Field(
        0.0,
        ge=0.0,
        le=120.0,
        description="minutes that a parcel without hurry is held back, to be bundled with others",
    )
    decide_every: float = Field(
        1.0,
        ge=0.0,
        le=120.0,
        description="minutes between decisions; 0: whenever something happens",
    )
    leave_late: bool = Field(
        True,
        description="couriers who would wait at their first stop leave later, and can be given "
        "something else until then",
    )
    arrive_early: float = Field(
        5.0,
        ge=0.0,
        le=120.0,
        description="minutes by which couriers who leave late mean to be early, as parcels may be "
        "ready sooner than expected",
    )
    preposition: float = Field(
        0.0,
        ge=0.0,
        le=120.0,
        description="a reach in minutes, not a strength: idle couriers go where orders are "
        "expected that no idle courier can reach within it; does nothing once all places are "
        "within reach of one; 0: they stay where they are",
    )


class Planner:
    """A policy with these parameters, and what the engine asks of it between decisions."""

    params: Planning

    @property
    def decides_every(self) -> float:
        """Minutes between decisions: as set, or one, where held parcels must be seen again."""
        params = self.params
        return params.decide_every or (1.0 if params.hold_back > 0.0 else 0.0)

    @property
    def uses_forecast(self) -> bool:
        """Whether idle couriers go where orders are expected."""
        return self.params.preposition > 0.0
