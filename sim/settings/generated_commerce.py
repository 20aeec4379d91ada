"""Settings of a generated catalogue and of generated consumers.

Where a default has a source, `sim.catalogue_generator` and `sim.population_generator` cite it;
the others are start values that a scenario may change.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.settings.base import Settings, Share

# Quiet nights, a plateau around noon, a peak in the evening: a start value, without a source.
# fmt: off
_HOURS = (
    1.0, 0.5, 0.3, 0.2, 0.2, 0.4, 1.0, 2.0, 3.5, 5.0, 6.0, 6.0,
    6.5, 6.0, 5.5, 5.5, 6.0, 6.5, 7.0, 8.0, 8.5, 7.5, 5.0, 2.5,
)
# fmt: on

Weight = Annotated[float, Field(ge=0.0, le=1000.0)]


class GeneratedCatalogue(Settings):
    """What is on sale at the start when no shop's data is imported."""

    listings: int = Field(5_000, ge=1, le=1_000_000, description="number of listings")
    merchants: int = Field(
        500, ge=1, le=100_000, description="number of merchants; at most one a listing"
    )
    categories: int = Field(24, ge=1, le=32, description="number of categories")
    taste_dimensions: int = Field(
        12, ge=2, le=64, description="dimensions in which listings and tastes are compared"
    )
    zipf_exponent: float = Field(
        0.87,
        ge=0.0,
        le=3.0,
        description="how fast sales fall with the sales rank within a category: rank**-exponent",
    )
    price_worth: float = Field(
        2.6,
        ge=0.0,
        le=20.0,
        description="how far dearer listings are also more wanted, logit units a log point of "
        "price; near the median price sensitivity list prices leave sales Zipf-like",
    )
    price_median: float = Field(
        20.0,
        ge=0.01,
        le=1e6,
        description="median list price of the middle category, currency units",
    )
    price_law: Literal["lognormal", "normal"] = Field(
        "lognormal",
        description="law of prices within a category; normal: cut off at 0 and at twice the "
        "category's level",
    )
    price_sd_within: float = Field(
        0.4,
        ge=0.01,
        le=10.0,
        description="spread of normal prices within a category, sd as a share of its level",
    )
    price_log_sd_between: float = Field(
        0.8, ge=0.0, le=3.0, description="spread of categories' price levels, sd of the logarithm"
    )
    price_log_sd_within: float = Field(
        0.5, ge=0.0, le=3.0, description="spread of prices within a category, sd of the logarithm"
    )
    margin_low: float = Field(
        0.2, ge=0.0, le=0.99, description="smallest gross margin at list price, share of the price"
    )
    margin_high: float = Field(
        0.5, ge=0.0, le=0.99, description="largest gross margin at list price, share of the price"
    )
    merchant_size_tail: float = Field(
        1.06,
        ge=0.5,
        le=10.0,
        description="Pareto index of listings a merchant; lower: a few very large merchants",
    )
    merchant_focus: Share = Field(
        0.7, description="share of a merchant's listings that are in its own category"
    )
    category_evenness: float = Field(
        5.0,
        ge=0.1,
        le=1000.0,
        description="Dirichlet concentration a category; higher: categories of more equal size",
    )
    quality_mean: float = Field(
        0.65, ge=0.01, le=0.99, description="mean true quality, on a scale of 0 to 1"
    )
    quality_sd: float = Field(
        0.18, ge=0.001, le=0.49, description="standard deviation of true quality"
    )
    quality_price_correlation: float = Field(
        0.27, ge=-1.0, le=1.0, description="correlation of quality and log price within a category"
    )
    quality_appeal_correlation: float = Field(
        0.2, ge=-1.0, le=1.0, description="correlation of quality and sales rank within a category"
    )
    styles: int = Field(
        10, ge=1, le=1000, description="number of styles that listings cluster around"
    )
    style_focus: float = Field(
        1.0,
        ge=0.0,
        le=100.0,
        description="pull of a listing's style against its own character; 0: no clusters",
    )
    image_dimensions: int = Field(
        16, ge=0, le=1024, description="numbers a picture's vector; 0: no pictures"
    )
    image_noise: float = Field(
        0.5,
        ge=0.0,
        le=100.0,
        description="length of what a picture's vector shows by chance, against what it shows of "
        "the listing's attributes",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.merchants > self.listings:
            raise ValueError(
                f"merchants ({self.merchants}) must be at most listings ({self.listings}): every "
                "merchant has a listing"
            )
        if self.categories > self.listings:
            raise ValueError(
                f"categories ({self.categories}) must be at most listings ({self.listings}): every "
                "category has a listing"
            )
        if self.margin_low > self.margin_high:
            raise ValueError(
                f"margin_low ({self.margin_low}) must be at most margin_high ({self.margin_high})"
            )
        if self.quality_sd**2 >= self.quality_mean * (1.0 - self.quality_mean):
            largest = (self.quality_mean * (1.0 - self.quality_mean)) ** 0.5
            raise ValueError(
                f"quality_sd ({self.quality_sd}) must be below {largest:.3f} for a mean of "
                f"{self.quality_mean}: quality lies in 0..1"
            )
        explained = self.quality_price_correlation**2 + self.quality_appeal_correlation**2
        if explained > 1.0:
            raise ValueError(
                "quality_price_correlation and quality_appeal_correlation: their squares must sum "
                f"to at most 1, not {explained:.3f}"
            )
        return self


class ConsumerGroup(Settings):
    """A group of consumers whom fairness questions compare with the others."""

    name: str = Field(min_length=1, max_length=40, description="what reports call the group")
    share: Share = Field(description="share of consumers who belong to it")
    income: float = Field(1.0, gt=0.0, le=100.0, description="factor on the median income")
    price_sensitivity: float = Field(
        1.0, gt=0.0, le=100.0, description="factor on the median price sensitivity"
    )


class GeneratedPopulation(Settings):
    """Who buys when no shop's data is imported."""

    visits_per_day: float = Field(
        0.05, gt=0.0, le=100.0, description="mean visits a consumer and day"
    )
    activity_shape: float = Field(
        0.5,
        ge=0.05,
        le=100.0,
        description="gamma shape of visits a day; lower: fewer consumers make most of the visits",
    )
    lines_per_visit: float = Field(
        1.4, ge=1.0, le=50.0, description="mean needs (order lines) a visit"
    )
    repeat_share: float = Field(
        0.3, ge=0.0, le=0.99, description="mean share of needs met by an item bought before"
    )
    repeat_concentration: float = Field(
        6.0,
        ge=0.1,
        le=1000.0,
        description="Beta concentration of repeat shares; higher: consumers more alike",
    )
    category_concentration: float = Field(
        6.0,
        ge=0.1,
        le=1000.0,
        description="Dirichlet concentration of category shares; higher: consumers more alike",
    )
    taste_focus: float = Field(
        1.5,
        ge=0.0,
        le=100.0,
        description="pull of what is on sale on tastes, against chance; 0: tastes in any direction",
    )
    income_median: float = Field(
        30.0,
        gt=0.0,
        le=1e6,
        description="median income that may be spent in this market, currency units a day",
    )
    income_log_sd: float = Field(
        0.6, ge=0.0, le=3.0, description="spread of incomes within a group, sd of the logarithm"
    )
    price_sensitivity_median: float = Field(
        2.6,
        gt=0.0,
        le=100.0,
        description="median price sensitivity, logit units a reference price of the category",
    )
    price_sensitivity_log_sd: float = Field(
        0.4, ge=0.0, le=3.0, description="spread of price sensitivity, sd of the logarithm"
    )
    groups: tuple[ConsumerGroup, ...] = Field(
        (
            ConsumerGroup(name="lower income", share=0.3, income=0.6, price_sensitivity=1.25),
            ConsumerGroup(name="middle income", share=0.5),
            ConsumerGroup(name="higher income", share=0.2, income=1.8, price_sensitivity=0.8),
        ),
        min_length=1,
        max_length=100,
        strict=False,
        description="groups of consumers; their shares sum to 1",
    )
    weekday_profile: tuple[Weight, ...] = Field(
        (1.0, 0.95, 0.95, 1.0, 1.0, 1.05, 1.05),
        min_length=7,
        max_length=7,
        strict=False,
        description="relative number of visits on each weekday, Monday first",
    )
    hour_profile: tuple[Weight, ...] = Field(
        _HOURS,
        min_length=24,
        max_length=24,
        strict=False,
        description="relative number of visits in each hour, from midnight on",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        total = sum(group.share for group in self.groups)
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"groups: shares must sum to 1, not {total:.6g}")
        names = [group.name for group in self.groups]
        if len(set(names)) < len(names):
            raise ValueError(f"groups: names must differ, not {', '.join(names)}")
        for name in ("weekday_profile", "hour_profile"):
            if sum(getattr(self, name)) <= 0.0:
                raise ValueError(f"{name}: at least one weight must be above 0")
        return self
