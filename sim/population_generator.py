"""Consumers made from a few published regularities, for markets without a shop's own data.

- Visits are Poisson with a gamma-distributed rate, so that a few consumers make most of them: the
  negative binomial model of repeat buying (Ehrenberg 1959, Applied Statistics 8(1); Schmittlein,
  Morrison & Colombo 1987, Management Science 33(1)).
- Category shares are Dirichlet and repeat shares Beta around the market's (Goodhardt, Ehrenberg &
  Chatfield 1984, "The Dirichlet", Journal of the Royal Statistical Society A 147(5)).
- Incomes are log-normal within a group (Aitchison & Brown 1957).
- The median price sensitivity is near the mean own-price elasticity of -2.62 over 1,851 estimates
  (Bijmolt, van Heerde & Pieters 2005, Journal of Marketing Research 42(2)); in a logit with small
  shares, sensitivity per reference price is the elasticity at that price.

Row n of a population does not depend on how many rows follow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.catalogue import Catalogue, Population
from sim.catalogue_generator import unit_rows
from sim.settings.generated_commerce import GeneratedPopulation
from sim.substreams import substreams

# Rows are drawn in blocks: a million consumers need no second copy of their widest columns.
_BLOCK = 65_536


def generate_population(
    settings: GeneratedPopulation, catalogue: Catalogue, n: int, rng: np.random.Generator
) -> Population:
    """Make n consumers for a catalogue.

    Args:
        settings: laws and their parameters.
        catalogue: what they may buy; category shares and tastes gather around what it offers.
        n: number of consumers, >= 1.
        rng: chance; the same generator state gives the same consumers.

    Returns:
        A population without purchase history.

    Raises:
        ValueError: if n is below 1.
    """
    if n < 1:
        raise ValueError(f"n: a population has at least 1 consumer, not {n}")
    chance = substreams(
        rng, "visits", "categories", "anchors", "tastes", "lines", "repeats", "incomes",
        "sensitivities", "groups",
    )  # fmt: skip
    group = _groups(settings, n, chance["groups"])
    weekday = np.asarray(settings.weekday_profile)
    hour = np.asarray(settings.hour_profile)
    return Population(
        visits_per_day=_scaled_gamma(
            settings.activity_shape, settings.visits_per_day, n, chance["visits"]
        ),
        category_share=_category_shares(settings, catalogue, n, chance["categories"]),
        taste=_tastes(settings, catalogue, n, chance["anchors"], chance["tastes"]),
        lines_per_visit=1.0
        + _scaled_gamma(1.0, settings.lines_per_visit - 1.0, n, chance["lines"]),
        repeat_share=_repeat_shares(settings, n, chance["repeats"]),
        income=_incomes(settings, group, chance["incomes"]),
        price_sensitivity=_sensitivities(settings, group, chance["sensitivities"]),
        group=group,
        group_names=tuple(entry.name for entry in settings.groups),
        weekday_profile=weekday * 7.0 / weekday.sum(),
        hour_profile=hour / hour.sum(),
        history=None,
    )


def _scaled_gamma(
    shape: float, mean: float, n: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    return rng.standard_gamma(shape, size=n, dtype=np.float32) * np.float32(mean / shape)


def _groups(settings: GeneratedPopulation, n: int, rng: np.random.Generator) -> NDArray[np.int8]:
    upper = np.cumsum([entry.share for entry in settings.groups])
    drawn = np.searchsorted(upper, rng.random(n), side="right")
    return np.minimum(drawn, len(upper) - 1).astype(np.int8)


def _category_shares(
    settings: GeneratedPopulation, catalogue: Catalogue, n: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Dirichlet around the categories' shares of listings, one row a consumer."""
    categories = len(catalogue.category_names)
    listed = np.bincount(catalogue.category, minlength=categories) / len(catalogue.category)
    shape = (settings.category_concentration * listed).astype(np.float32)
    share = np.empty((n, categories), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        block = share[start : start + _BLOCK]
        block[:] = rng.standard_gamma(shape, size=block.shape, dtype=np.float32)
        total = block.sum(axis=1, keepdims=True)
        # Small shapes can underflow to 0 in every category: such a consumer shops like the mean.
        np.divide(block, total, out=block, where=total > 0)
        block[total[:, 0] <= 0] = listed
    return share


def _tastes(
    settings: GeneratedPopulation,
    catalogue: Catalogue,
    n: int,
    anchors: np.random.Generator,
    noise: np.random.Generator,
) -> NDArray[np.float32]:
    """Each consumer likes things like one listing drawn at random, more or less."""
    dimensions = catalogue.attributes.shape[1]
    anchor = anchors.integers(len(catalogue.title), size=n)
    taste = np.empty((n, dimensions), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        block = slice(start, start + _BLOCK)
        own = noise.standard_normal(taste[block].shape, dtype=np.float32)
        own /= np.float32(np.sqrt(dimensions))
        pull = np.float32(settings.taste_focus) * catalogue.attributes[anchor[block]]
        taste[block] = unit_rows(pull + own)
    return taste


def _repeat_shares(
    settings: GeneratedPopulation, n: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    mean, concentration = settings.repeat_share, settings.repeat_concentration
    if mean == 0.0:
        return np.zeros(n, dtype=np.float32)
    drawn = rng.beta(mean * concentration, (1.0 - mean) * concentration, size=n)
    return drawn.astype(np.float32)


def _incomes(
    settings: GeneratedPopulation, group: NDArray[np.int8], rng: np.random.Generator
) -> NDArray[np.int64]:
    factor = np.array([entry.income for entry in settings.groups])
    spread = np.exp(settings.income_log_sd * rng.standard_normal(len(group)))
    cents = 100.0 * settings.income_median * factor[group] * spread
    return np.maximum(np.rint(cents), 1.0).astype(np.int64)


def _sensitivities(
    settings: GeneratedPopulation, group: NDArray[np.int8], rng: np.random.Generator
) -> NDArray[np.float32]:
    factor = np.array([entry.price_sensitivity for entry in settings.groups], dtype=np.float32)
    draw = rng.standard_normal(len(group), dtype=np.float32)
    spread = np.exp(np.float32(settings.price_sensitivity_log_sd) * draw)
    sensitivity: NDArray[np.float32] = (
        np.float32(settings.price_sensitivity_median) * factor[group] * spread
    )
    return sensitivity
