"""The base of every policy's parameters: frozen, strict, unknown keys refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PolicyParams(BaseModel):
    """What a scenario may set for one policy: its name and, in subclasses, its levers.

    A subclass gives each lever a default, a range and a description (`Field(ge=, le=,
    description=)`), which is what validation, `weal list policies`, sliders and documents show.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(default="", description="the policy's registered name")
