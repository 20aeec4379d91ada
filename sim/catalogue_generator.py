"""A catalogue made from a few published regularities, for markets without a shop's own data.

- Sales fall with the sales rank by a power law (Zipf). Brynjolfsson, Hu & Smith (2003), "Consumer
  Surplus in the Digital Economy", Management Science 49(11): a log-linear relation between sales
  and sales rank at an online bookseller; Gabaix (2009), "Power Laws in Economics and Finance",
  Annual Review of Economics 1.
- Prices within a category are log-normal, the usual model of positive, right-skewed sizes
  (Aitchison & Brown 1957, "The Lognormal Distribution").
- Listings a merchant are Pareto with an index near 1: Axtell (2001), "Zipf Distribution of U.S.
  Firm Sizes", Science 293.
- What sells is not what is cheap: a listing's appeal makes up for its price, as demand estimation
  finds when it inverts market shares (Berry 1994, RAND Journal of Economics 25(2)).
- Quality goes weakly with price: Tellis & Wernerfelt (1987), "Competitive Price and Quality under
  Asymmetric Information", Marketing Science 6(3).

Sizes of merchants and ranks of sales are the quantiles of their laws, handed out at random: the
concentration of a market is then a setting and not a matter of luck.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

from sim.catalogue import Catalogue
from sim.settings.generated_commerce import GeneratedCatalogue
from sim.substreams import substreams
from sim.vocabulary import (
    SHORT_MERCHANT_NAMES,
    CategoryWords,
    categories_of,
    merchant_brand,
    merchant_name,
)


def generate_catalogue(settings: GeneratedCatalogue, rng: np.random.Generator) -> Catalogue:
    """Make a catalogue.

    Args:
        settings: sizes and laws.
        rng: chance; the same generator state gives the same catalogue.

    Returns:
        A catalogue in which every merchant and every category has a listing.
    """
    chance = substreams(
        rng, "words", "merchants", "categories", "names", "prices", "margins", "ranks",
        "quality", "attributes", "images",
    )  # fmt: skip
    words = categories_of(settings.categories)
    merchant = _merchant_of_listing(settings, chance["merchants"])
    category = _category_of_listing(settings, merchant, chance["categories"])
    names = -(-settings.merchants // SHORT_MERCHANT_NAMES) * SHORT_MERCHANT_NAMES
    name = chance["names"].permutation(names)[: settings.merchants]
    title, description = _texts(words, category, name[merchant], chance["words"])
    log_price = chance["prices"].standard_normal(settings.listings)
    price = _prices(settings, words, category, log_price)
    margin = chance["margins"].uniform(settings.margin_low, settings.margin_high, len(price))
    rank = _ranks_within(category, chance["ranks"].permutation(settings.listings))
    attributes = _attributes(settings, chance["attributes"])
    return Catalogue(
        title=title,
        description=description,
        category=category,
        category_names=tuple(entry.name for entry in words),
        merchant=merchant,
        merchant_names=tuple(merchant_name(int(number)) for number in name),
        price=price,
        unit_cost=np.rint(price * (1.0 - margin)).astype(np.int64),
        quality=_quality(settings, category, log_price, rank, chance["quality"]),
        appeal=_appeal(settings, category, log_price, rank),
        attributes=attributes,
        image=_images(settings, attributes, chance["images"]),
    )


def pareto_sizes(total: int, count: int, tail: float) -> NDArray[np.int64]:
    """Split `total` into `count` sizes of at least 1 whose excess follows the Pareto quantiles.

    Args:
        total: what is shared out, >= count.
        count: number of parts.
        tail: Pareto index; lower is more unequal.

    Returns:
        (count,) sizes, largest first, with sum `total`; largest remainders round.
    """
    upper = (np.arange(count) + 0.5) / count
    weight = upper ** (-1.0 / tail)
    exact = (total - count) * weight / weight.sum()
    size = np.floor(exact).astype(np.int64)
    left = total - count - int(size.sum())
    size[np.argsort(size - exact, kind="stable")[:left]] += 1
    sizes: NDArray[np.int64] = size + 1
    return sizes


def unit_rows(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale each row to length 1; a row of zeros becomes the first unit vector.

    Args:
        rows: (n, D).

    Returns:
        (n, D) float32.
    """
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    unit = np.divide(rows, length[:, None], where=length[:, None] > 0, out=np.zeros_like(rows))
    unit[length == 0, 0] = 1.0
    short: NDArray[np.float32] = unit.astype(np.float32, copy=False)
    return short


def _merchant_of_listing(
    settings: GeneratedCatalogue, rng: np.random.Generator
) -> NDArray[np.int32]:
    size = pareto_sizes(settings.listings, settings.merchants, settings.merchant_size_tail)
    size = size[rng.permutation(settings.merchants)]
    return np.repeat(np.arange(settings.merchants, dtype=np.int32), size)


def _category_of_listing(
    settings: GeneratedCatalogue, merchant: NDArray[np.int32], rng: np.random.Generator
) -> NDArray[np.int32]:
    """A merchant's listings are mostly of its own category; every category gets a listing."""
    count = settings.categories
    share = rng.dirichlet(np.full(count, settings.category_evenness))
    own = rng.choice(count, size=settings.merchants, p=share)
    any_category = rng.choice(count, size=settings.listings, p=share)
    at_home = rng.random(settings.listings) < settings.merchant_focus
    category = np.where(at_home, own[merchant], any_category).astype(np.int32)
    order = rng.permutation(settings.listings)
    for missing in np.flatnonzero(np.bincount(category, minlength=count) == 0):
        fullest = int(np.argmax(np.bincount(category, minlength=count)))
        category[order[np.argmax(category[order] == fullest)]] = missing
    return category


def listing_text(entry: CategoryWords, brand: str, draws: Sequence[float]) -> tuple[str, str]:
    """A title and a description in a category's words.

    Args:
        entry: the words.
        brand: whose goods they are.
        draws: three uniform numbers in [0, 1).
    """
    noun, trait, specification = (
        words[int(draw * len(words))]
        for words, draw in zip(
            (entry.nouns, entry.traits, entry.specifications), draws, strict=True
        )
    )
    title = f"{trait} {noun} {specification} {brand}"
    return title, f"{trait} {noun}, {specification}, by {brand}. {entry.use}"


def _texts(
    words: tuple[CategoryWords, ...],
    category: NDArray[np.int32],
    name: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    draws = rng.random((len(category), 3)).tolist()
    texts = [
        listing_text(words[c], merchant_brand(number), three)
        for c, number, three in zip(category.tolist(), name.tolist(), draws, strict=True)
    ]
    titles, descriptions = zip(*texts, strict=True)
    return titles, descriptions


def _prices(
    settings: GeneratedCatalogue,
    words: tuple[CategoryWords, ...],
    category: NDArray[np.int32],
    log_price: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Prices by the law that is set; categories' levels are normal scores of how dear they are."""
    dearness = np.argsort(np.argsort([entry.dearness for entry in words]))
    score = ndtri((dearness + 0.5) / len(words))
    log_level = np.log(settings.price_median) + settings.price_log_sd_between * score
    if settings.price_law == "normal":
        sd = settings.price_sd_within
        below, above = ndtr(-1.0 / sd), ndtr(1.0 / sd)
        price = np.exp(log_level[category]) * (
            1.0 + sd * ndtri(below + ndtr(log_price) * (above - below))
        )
    else:
        price = np.exp(log_level[category] + settings.price_log_sd_within * log_price)
    cents: NDArray[np.int64] = np.maximum(np.rint(100.0 * price), 1.0).astype(np.int64)
    return cents


def _ranks_within(category: NDArray[np.int32], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """(L,) rank of each listing within its category, from 1, in the order of `order`."""
    by_category = np.lexsort((order, category))
    grouped = category[by_category]
    first = np.searchsorted(grouped, grouped, side="left")
    rank = np.empty(len(category), dtype=np.int64)
    rank[by_category] = np.arange(len(category)) - first + 1
    return rank


def _quality(
    settings: GeneratedCatalogue,
    category: NDArray[np.int32],
    log_price: NDArray[np.float64],
    rank: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Beta-distributed quality, tied to price and sales rank by a Gaussian copula."""
    by_price, by_rank = settings.quality_price_correlation, settings.quality_appeal_correlation
    size = np.bincount(category)[category]
    popularity = -ndtri((rank - 0.5) / size)
    own = np.sqrt(1.0 - by_price**2 - by_rank**2) * rng.standard_normal(len(rank))
    score = by_price * log_price + by_rank * popularity + own
    mean = settings.quality_mean
    concentration = mean * (1.0 - mean) / settings.quality_sd**2 - 1.0
    quality: NDArray[np.float64] = betaincinv(
        mean * concentration, (1.0 - mean) * concentration, ndtr(score)
    )
    return quality


def _appeal(
    settings: GeneratedCatalogue,
    category: NDArray[np.int32],
    log_price: NDArray[np.float64],
    rank: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Zipf's law in logit units, plus what makes up for the price; mean 0 in each category."""
    worth = settings.price_worth * settings.price_log_sd_within * log_price
    return centred_within(worth - settings.zipf_exponent * np.log(rank), category)


def centred_within(values: NDArray[np.float64], category: NDArray[np.int32]) -> NDArray[np.float64]:
    """Subtract from each listing's value the mean of its category.

    Args:
        values: (L,).
        category: (L,).

    Returns:
        (L,) with mean 0 in each category.
    """
    size = np.maximum(np.bincount(category), 1)
    mean = np.bincount(category, weights=values) / size
    centred: NDArray[np.float64] = values - mean[category]
    return centred


def _attributes(settings: GeneratedCatalogue, rng: np.random.Generator) -> NDArray[np.float32]:
    """Directions clustered around styles: what lets a recommender learn from others' purchases."""
    dimensions = settings.taste_dimensions
    centre = unit_rows(rng.standard_normal((settings.styles, dimensions)))
    style = rng.integers(settings.styles, size=settings.listings)
    own = rng.standard_normal((settings.listings, dimensions)) / np.sqrt(dimensions)
    return unit_rows(settings.style_focus * centre[style] + own)


def _images(
    settings: GeneratedCatalogue, attributes: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32] | None:
    """What a pretrained network would see in a listing's picture: its attributes, and chance.

    Attributes are turned by one random matrix, which keeps their angles on average, so that no
    number of a vector is one attribute.
    """
    dimensions = settings.image_dimensions
    if dimensions == 0:
        return None
    turned = rng.standard_normal((attributes.shape[1], dimensions)) / np.sqrt(dimensions)
    own = rng.standard_normal((len(attributes), dimensions)) / np.sqrt(dimensions)
    seen: NDArray[np.float32] = (attributes @ turned + settings.image_noise * own).astype(
        np.float32
    )
    return seen
