"""Settings of what is on sale and of who buys: generated, written out, or imported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.settings.base import Settings


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


Source = Literal["generated", "written"]
