"""The base of all settings: frozen, strict, unknown keys refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """A part of a scenario; every field has a default, a range and a sentence with its unit."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Share = Annotated[float, Field(ge=0.0, le=1.0)]
