"""Settings of what is on sale and of who buys: generated, written out, or imported."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sim.settings.base import Settings
from sim.settings.generated_commerce import GeneratedCatalogue, GeneratedPopulation


class WrittenListing(Settings):
    """One listing written out in the scenario: for theory and small tests."""

    merchant: str = Field(description="name of the merchant")
    value: float = Field(
        ge=-1e9, le=1e9, description="what it is worth to a buyer at most, currency units"
    )
    unit_cost: float = Field(ge=0.0, le=1e9, description="unit cost, currency units")
    price: float = Field(gt=0.0, le=1e9, description="opening price, currency units")
    title: str = Field("", description="title; the merchant's name if empty")
    category: str = Field("goods", description="category")


class WrittenCatalogue(Settings):
    """A catalogue written out listing by listing."""

    reference_price: float = Field(
        1000.0, gt=0.0, le=1e9, description="reference price of every category, currency units"
    )
    listings: tuple[WrittenListing, ...] = Field(min_length=1, description="the listings")


class CommerceSettings(Settings):
    """Where catalogue and consumers come from; one of the three."""

    source: Literal["generated", "written", "imported"] = Field(
        "generated", description="where catalogue and consumers come from"
    )
    generated: GeneratedCatalogue = Field(
        default_factory=GeneratedCatalogue, description="the generator of catalogues"
    )
    population: GeneratedPopulation = Field(
        default_factory=GeneratedPopulation,
        description="the generator of consumers; for a written catalogue too",
    )
    written: WrittenCatalogue | None = Field(
        None, description="a catalogue written out; needed if source is 'written'"
    )
    imported: str = Field(
        "",
        description="name or folder of an imported catalogue; needed if source is 'imported'",
    )

    @model_validator(mode="after")
    def _source_is_there(self) -> Self:
        if self.source == "written" and self.written is None:
            raise ValueError("source is 'written', so a table [commerce.written] is needed")
        if self.source == "imported" and not self.imported:
            raise ValueError("source is 'imported', so `imported` must name a catalogue")
        return self
