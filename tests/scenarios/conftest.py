"""A small schema of the shape of a scenario's: nested, tagged, named, with rules between keys."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    SerializeAsAny,
    model_validator,
)
from pydantic_core import PydanticCustomError, core_schema


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Consumers(Part):
    count: int = Field(10_000, ge=1, le=5_000_000, description="number of consumers")
    patience: float = Field(0.5, gt=0.0, lt=1.0, description="share that waits")
    returning: bool = Field(True, description="whether they come back")


class Weekday(Enum):
    MONDAY = "monday"
    SUNDAY = "sunday"


class Platform(Part):
    commission: float = Field(0.1, ge=0.0, le=0.5, description="share of the price")
    margin_low: float = Field(0.1, ge=0.0, le=1.0, description="smallest margin")
    margin_high: float = Field(0.4, ge=0.0, le=1.0, description="largest margin")
    mode: Literal["open", "closed"] = Field("open", description="who may sell")
    closed_on: Weekday = Field(Weekday.SUNDAY, description="day of rest")
    cap: Annotated[float, Field(ge=0.0, le=9.0)] | Literal["auto"] = Field(
        "auto", description="largest discount"
    )
    hours: tuple[float, float] = Field((8.0, 20.0), description="opening and closing hour")
    data: Path = Field(Path("data"), description="folder of data")

    @model_validator(mode="after")
    def _margins_are_in_order(self) -> Self:
        if self.margin_low > self.margin_high:
            raise ValueError("margin_low, margin_high: the smallest must not exceed the largest")
        return self


class Shop(Part):
    name: str = Field(min_length=1, max_length=8, description="what it is called")
    prices: tuple[Annotated[float, Field(ge=0.0)], ...] = Field(
        (), max_length=3, description="what things cost"
    )


class Surge(Part):
    kind: Literal["surge"]
    day: int = Field(ge=0, description="first day")
    factor: float = Field(ge=0.0, description="factor on visits")


class Strike(Part):
    kind: Literal["strike"]
    day: int = Field(ge=0, description="first day")
    share: float = Field(1.0, ge=0.0, le=1.0, description="share that stays away")


class Params(Part):
    name: str = ""


class Flat(Params):
    amount: float = Field(1.0, ge=0.0, le=10.0, description="paid for each unit")


class Targeted(Params):
    amount: float = Field(2.0, ge=0.0, description="paid for each unit")
    groups: tuple[str, ...] = Field(("new",), description="who gets it")


REGISTRY: dict[str, type[Params]] = {"none": Params, "flat": Flat, "targeted": Targeted}


@dataclass(frozen=True)
class FromRegistry:
    tag: str = "name"

    def names(self) -> tuple[str, ...]:
        return tuple(REGISTRY)

    def model(self, name: str) -> type[BaseModel]:
        return REGISTRY[name]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def validate(value: Any, _: Any) -> Any:
            if isinstance(value, Params):
                return value
            if not isinstance(value, dict) or value.get("name") not in REGISTRY:
                raise PydanticCustomError("no_name", "must be a table with a known name")
            return REGISTRY[value["name"]].model_validate(value)

        return core_schema.no_info_wrap_validator_function(validate, handler(source))


class Policies(Part):
    subsidy: Annotated[SerializeAsAny[Params], FromRegistry()] = Field(
        default={"name": "none"}, validate_default=True, description="who is subsidised"
    )


class World(Part):
    title: str = Field(description="what reports call it")
    days: int = Field(30, ge=1, description="length of a run")
    consumers: Consumers = Field(default_factory=Consumers)
    platform: Platform = Field(default_factory=lambda: Platform(commission=0.2))
    policies: Policies = Field(default_factory=Policies)
    shops: tuple[Shop, ...] = ()
    events: tuple[Annotated[Surge | Strike, Field(discriminator="kind")], ...] = ()
    weights: dict[str, float] = Field(default_factory=dict, description="weight of each dimension")
    written: Shop | None = None

    @model_validator(mode="after")
    def _events_are_in_time(self) -> Self:
        late = [
            f"events.{number}.day = {event.day}: must be before the end, day {self.days}"
            for number, event in enumerate(self.events)
            if event.day >= self.days
        ]
        if late:
            raise ValueError("\n".join(late))
        return self


@pytest.fixture
def world() -> type[World]:
    """The schema, for tests that need only its type."""
    return World
