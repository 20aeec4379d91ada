"""Settings of the generators of catalogue and consumers, for markets without data of their own."""

from __future__ import annotations

from pydantic import Field

from sim.settings.base import Settings


class GeneratedCatalogue(Settings):
    """A catalogue with the stylised facts of real ones."""

    listings: int = Field(5_000, ge=1, le=5_000_000, description="number of listings")
    merchants: int = Field(500, ge=1, le=100_000, description="number of merchants")
    categories: int = Field(12, ge=1, le=32, description="number of categories")
    taste_dimensions: int = Field(8, ge=1, le=64, description="dimensions of taste")
    zipf_exponent: float = Field(
        1.0, ge=0.0, le=3.0, description="sales of rank r within a category go as r^-exponent"
    )
    price_median: float = Field(
        20.0, ge=0.01, le=1e6, description="median price of the middle category, currency units"
    )
    price_sd_between: float = Field(
        0.9, ge=0.0, le=3.0, description="spread of categories' median prices (sd of logarithms)"
    )
    price_sd_within: float = Field(
        0.45, ge=0.0, le=3.0, description="spread of prices within a category (sd of logarithms)"
    )
    merchant_tail: float = Field(
        1.1, ge=0.3, le=10.0, description="Pareto index of listings a merchant; lower: longer tail"
    )
    margin_low: float = Field(
        0.2, ge=0.0, le=0.9, description="smallest margin, share of the price"
    )
    margin_high: float = Field(
        0.5, ge=0.0, le=0.95, description="largest margin, share of the price"
    )
    quality_price_correlation: float = Field(
        0.4, ge=-1.0, le=1.0, description="correlation of quality and log price in a category"
    )


class GeneratedPopulation(Settings):
    """Consumers as rates and preferences."""

    visits_per_day: float = Field(
        0.12, gt=0.0, le=10.0, description="mean visits a day and consumer"
    )
    activity_sd: float = Field(
        0.8, ge=0.0, le=3.0, description="spread of visits between consumers (sd of logarithms)"
    )
    lines_per_visit: float = Field(
        1.0, ge=1.0, le=12.0, description="mean needs a visit"
    )
    repeat_share: float = Field(
        0.2, ge=0.0, le=1.0, description="mean chance that a need is for an item bought before"
    )
    price_sensitivity: float = Field(
        3.0,
        gt=0.0,
        le=100.0,
        description="median price sensitivity, logit units per reference price of the category",
    )
    price_sensitivity_sd: float = Field(
        0.3, ge=0.0, le=2.0, description="spread of price sensitivity (sd of logarithms)"
    )
    low_income_share: float = Field(
        0.3, ge=0.0, le=1.0, description="share of consumers with low income"
    )
    high_income_share: float = Field(
        0.2, ge=0.0, le=1.0, description="share of consumers with high income"
    )
    income_per_day: float = Field(
        15.0, gt=0.0, le=1e9, description="middling budget a day for this market, currency units"
    )
    income_ratio: float = Field(
        2.0, ge=1.0, le=20.0, description="high over middling, and middling over low income"
    )
    category_focus: float = Field(
        1.0, ge=0.05, le=100.0, description="Dirichlet weight of needs; lower: fewer categories each"
    )
