"""A catalogue and consumers for markets without data of their own.

Stylised facts and where they come from: sales fall with rank as a power (Zipf; Chevalier & Goolsbee
2003, Quantitative Marketing and Economics 1); prices within a category are log-normal, and categories
differ by orders of magnitude; listings a merchant are Pareto (Axtell 2001, Science 293, for firms);
activity of customers is long-tailed (log-normal mixture of Poisson counts); part of what is bought
was bought before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from policies.arrays import FloatArray, IntArray
from sim.catalogue import Catalogue, Population
from sim.settings.generated import GeneratedCatalogue, GeneratedPopulation
from sim.vocabulary import CATEGORY_WORDS, CategoryWords, merchant_brand, merchant_name

WEEKDAYS = np.array([0.95, 0.93, 0.95, 0.98, 1.08, 1.12, 0.99])
"""Visits by weekday, Monday first, mean 1."""

HOURS = np.array(
    [1, 1, 0, 0, 0, 1, 2, 4, 6, 7, 8, 10, 12, 10, 8, 7, 8, 10, 13, 14, 12, 8, 5, 3], dtype=float
)
"""Visits by hour: peaks at noon and in the evening."""

GROUPS = ("low income", "middle income", "high income")


def generate_catalogue(settings: GeneratedCatalogue, rng: np.random.Generator) -> Catalogue:
    """Make a catalogue.

    Args:
        settings: sizes and spreads.
        rng: chance.

    Returns:
        L listings of M merchants in C categories; every merchant has a listing.

    Raises:
        ValueError: if there are fewer listings than merchants, or margins are the wrong way round.
    """
    if settings.listings < settings.merchants:
        raise ValueError(
            f"listings = {settings.listings}: must be at least the number of merchants, "
            f"{settings.merchants}"
        )
    if settings.margin_low > settings.margin_high:
        raise ValueError(
            f"margin_low = {settings.margin_low}: must be at most margin_high, "
            f"{settings.margin_high}"
        )
    count, categories = settings.listings, settings.categories
    words = _categories(categories)
    merchant = _merchant_of_listing(settings, rng)
    category = _category_of_listing(merchant, settings.merchants, categories, rng)
    level = _category_levels(words, settings)
    noise = rng.standard_normal(count)
    log_price = np.log(level[category]) + settings.price_sd_within * noise
    price = np.maximum(np.rint(100 * np.exp(log_price)), 1).astype(np.int64)
    rho = settings.quality_price_correlation
    quality = _standard_to_unit(rho * noise + np.sqrt(1 - rho**2) * rng.standard_normal(count))
    margin = rng.uniform(settings.margin_low, settings.margin_high, count)
    return Catalogue(
        title=tuple(_titles(words, category, merchant, rng)),
        description=tuple(words[c].use for c in category.tolist()),
        category=category,
        category_names=tuple(word.name for word in words),
        merchant=merchant,
        merchant_names=tuple(merchant_name(m) for m in range(settings.merchants)),
        price=price,
        unit_cost=np.rint(price * (1 - margin)).astype(np.int64),
        quality=quality,
        appeal=zipf_appeal(category, categories, settings.zipf_exponent, rng),
        attributes=unit_vectors(count, settings.taste_dimensions, rng),
        image=None,
    )


def generate_population(
    settings: GeneratedPopulation,
    count: int,
    categories: int,
    taste_dimensions: int,
    rng: np.random.Generator,
) -> Population:
    """Make consumers.

    Args:
        settings: means and spreads.
        count: N consumers.
        categories: C categories of the catalogue.
        taste_dimensions: D dimensions of its attributes.
        rng: chance.

    Returns:
        N consumers that bought nothing before.

    Raises:
        ValueError: if the income groups' shares exceed 1.
    """
    low, high = settings.low_income_share, settings.high_income_share
    if low + high > 1:
        raise ValueError(
            f"low_income_share + high_income_share = {low + high:g}: must be at most 1"
        )
    group = np.searchsorted(np.cumsum([low, 1 - low - high]), rng.random(count), side="right")
    group = np.minimum(group, 2).astype(np.int8)
    ratio = settings.income_ratio ** (group.astype(float) - 1)
    sd = settings.activity_sd
    visits = settings.visits_per_day * np.exp(sd * rng.standard_normal(count) - sd**2 / 2)
    sensitivity = settings.price_sensitivity * np.exp(
        settings.price_sensitivity_sd * rng.standard_normal(count)
    )
    focus = rng.standard_gamma(settings.category_focus, (count, categories)).astype(np.float32)
    share = (focus + 1e-6) / (focus + 1e-6).sum(axis=1, keepdims=True)
    spread = rng.beta(2.0, 2.0, count) * 2.0
    income = np.rint(100 * settings.income_per_day * ratio).astype(np.int64)
    return Population(
        visits_per_day=visits,
        category_share=share,
        taste=unit_vectors(count, taste_dimensions, rng),
        lines_per_visit=np.full(count, settings.lines_per_visit),
        repeat_share=np.clip(settings.repeat_share * spread, 0.0, 1.0),
        income=income,
        price_sensitivity=sensitivity / np.sqrt(ratio),
        group=group,
        group_names=GROUPS,
        weekday_profile=WEEKDAYS / WEEKDAYS.mean(),
        hour_profile=HOURS / HOURS.sum(),
        history=None,
    )


def zipf_appeal(
    category: IntArray, categories: int, exponent: float, rng: np.random.Generator
) -> FloatArray:
    """Utility offsets that make sales fall with rank r as r^-exponent, mean 0 in each category.

    In a logit all else equal, sales are proportional to exp(appeal), so the offset of rank r is
    -exponent * log(r).
    """
    appeal = np.zeros(len(category))
    for c in range(categories):
        rows = np.flatnonzero(category == c)
        rank = rng.permutation(len(rows)) + 1
        offset = -exponent * np.log(rank)
        appeal[rows] = offset - offset.mean() if len(rows) else offset
    return appeal


def unit_vectors(count: int, dimensions: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """(count, dimensions) directions, uniform on the sphere."""
    vectors = rng.standard_normal((count, dimensions), dtype=np.float32)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(length, 1e-12)
    return unit


def _categories(count: int) -> tuple[CategoryWords, ...]:
    if count > len(CATEGORY_WORDS):
        raise ValueError(f"categories = {count}: must be at most {len(CATEGORY_WORDS)}")
    return CATEGORY_WORDS[:count]


def _category_levels(
    words: tuple[CategoryWords, ...], settings: GeneratedCatalogue
) -> NDArray[np.float64]:
    """Median prices of categories: normal scores of their dearness, spread as asked."""
    order = np.argsort(np.argsort([word.dearness for word in words], kind="stable"))
    score = ndtri((order + 0.5) / len(words))
    level: NDArray[np.float64] = settings.price_median * np.exp(settings.price_sd_between * score)
    return level


def _standard_to_unit(normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normal scores as qualities in (0, 1), most of them middling."""
    return 1.0 / (1.0 + np.exp(-1.2 * normal))


def _merchant_of_listing(settings: GeneratedCatalogue, rng: np.random.Generator) -> IntArray:
    """(L,) merchants: one listing each, the rest by Pareto weights."""
    weight = (1 - rng.random(settings.merchants)) ** (-1.0 / settings.merchant_tail)
    rest = settings.listings - settings.merchants
    more = rng.choice(settings.merchants, size=rest, p=weight / weight.sum())
    merchant = np.sort(np.concatenate([np.arange(settings.merchants), more]))
    return merchant.astype(np.int32)


def _category_of_listing(
    merchant: IntArray, merchants: int, categories: int, rng: np.random.Generator
) -> IntArray:
    """(L,) categories: most of a merchant's listings are in its own line of trade."""
    home = rng.integers(0, categories, merchants)
    elsewhere = rng.random(len(merchant)) < 0.2
    category = np.where(elsewhere, rng.integers(0, categories, len(merchant)), home[merchant])
    return category.astype(np.int32)


def _titles(
    words: tuple[CategoryWords, ...],
    category: IntArray,
    merchant: IntArray,
    rng: np.random.Generator,
) -> list[str]:
    draw = rng.random((len(category), 3))
    titles = []
    for row, (c, m) in enumerate(zip(category.tolist(), merchant.tolist(), strict=True)):
        word = words[c]
        trait = word.traits[int(draw[row, 0] * len(word.traits))]
        noun = word.nouns[int(draw[row, 1] * len(word.nouns))]
        size = word.specifications[int(draw[row, 2] * len(word.specifications))]
        titles.append(f"{trait} {noun} {size} {merchant_brand(m)}")
    return titles
