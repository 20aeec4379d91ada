"""Turn a shop's records into the catalogue and the population that a market starts from.

What the records show is taken over as it is: prices, categories, merchants, visits, baskets, the
clock and the calendar. What they cannot show is assumed, and each assumption is a setting of
`Assumptions` that the summary of an import repeats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.special import logsumexp

from policies.arrays import FloatArray, IntArray
from scenarios.commerce.consumers import (
    Activity,
    learn_activity,
    normal_scores,
    purchase_history,
    shrunk_share,
)
from scenarios.commerce.records import ItemRecords, PurchaseRecords, take_items
from scenarios.commerce.tastes import learn_tastes
from sim.catalogue import Catalogue, Population, category_reference_price
from sim.catalogue_generator import centred_within
from sim.settings.base import Settings
from sim.stylised_facts import after_first_day, repeated

OTHER_CATEGORY = "other"
"""Name of the category that holds those beyond the largest."""

# Ratings, or purchases, after which an item's own record outweighs the mean of all.
_PRIOR_RECORDS = 5.0

# Mean and spread of the quality that is read from repeat purchases where no ratings are given; the
# mean is what consumers expect of an unrated listing by default (3.8 stars).
_LOYALTY_QUALITY_MEAN, _LOYALTY_QUALITY_SD = 0.7, 0.1


class Assumptions(Settings):
    """What an import decides or assumes because the data do not say it."""

    taste_dimensions: int = Field(
        12, ge=2, le=64, description="dimensions of learned tastes and attributes"
    )
    max_items: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="items to keep, best-selling first; absent: all",
    )
    max_categories: int = Field(
        32, ge=1, le=32, description="categories to keep, best-selling first; the others are one"
    )
    default_margin: float = Field(
        0.3, ge=0.0, le=0.99, description="gross margin where no cost is given, share of the price"
    )
    income_factor: float = Field(
        2.0, ge=1.0, le=1000.0, description="income over what a consumer was seen to spend"
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


@dataclass(frozen=True, slots=True)
class Learned:
    """The market's starting point as learned from records, and figures for the summary."""

    item_id: tuple[str, ...]  # (L,) of the catalogue's listings
    catalogue: Catalogue
    population: Population
    activity: Activity
    lines: IntArray  # (L,) purchases of each listing
    item_row: IntArray  # row of each recorded item in the catalogue, -1 where not kept
    merged_categories: int  # categories that became one
    costs_given: int  # listings whose cost the records say
    ratings: int  # ratings that the qualities rest on


def learn(items: ItemRecords, purchases: PurchaseRecords, assumptions: Assumptions) -> Learned:
    """Learn a catalogue and a population.

    Visits, baskets, spending and repeat purchases are measured on all purchases, also of items
    that the catalogue leaves out; category shares, tastes and history on those it keeps.

    Args:
        items: the shop's items.
        purchases: what was bought; at least one purchase.
        assumptions: what the data do not say.

    Returns:
        What was learned.
    """
    purchases = in_time_order(purchases)
    activity = learn_activity(purchases, items.price)
    item_row = _kept_rows(items, purchases, assumptions.max_items)
    items = take_items(items, item_row >= 0)
    categories = len(items.category_names)
    items = _merge_categories(items, purchases, item_row, assumptions)
    merged = categories - len(items.category_names)
    listing = item_row[purchases.item]
    kept = listing >= 0
    user, listing = purchases.user[kept], listing[kept]
    taste, attributes = learn_tastes(
        user, listing, items.category, purchases.users, assumptions.taste_dimensions
    )
    catalogue = Catalogue(
        title=items.title,
        description=items.description,
        category=items.category,
        category_names=items.category_names,
        merchant=items.merchant,
        merchant_names=items.merchant_names,
        price=items.price,
        unit_cost=_unit_cost(items, assumptions),
        quality=_quality(purchases, kept, listing, items),
        appeal=np.zeros(len(items.title)),
        attributes=attributes,
        image=items.image,
    )
    paid = np.where(purchases.paid[kept] >= 0, purchases.paid[kept], items.price[listing])
    reference = category_reference_price(catalogue)
    relative = paid / reference[items.category[listing]]
    sensitivity = _price_sensitivity(user, relative, purchases.users, assumptions)
    catalogue = replace(catalogue, appeal=_appeal(user, listing, catalogue, reference, sensitivity))
    population = Population(
        visits_per_day=activity.visits_per_day,
        category_share=shrunk_share(
            user, items.category[listing], purchases.users, len(items.category_names)
        ),
        taste=taste,
        lines_per_visit=activity.lines_per_visit,
        repeat_share=activity.repeat_share,
        income=activity.income(assumptions.income_factor),
        price_sensitivity=sensitivity,
        group=purchases.group,
        group_names=purchases.group_names,
        weekday_profile=activity.weekday_profile,
        hour_profile=activity.hour_profile,
        history=purchase_history(user, listing, purchases.users),
    )
    return Learned(
        item_id=items.item_id,
        catalogue=catalogue,
        population=population,
        activity=activity,
        lines=np.bincount(listing, minlength=len(items.title)),
        item_row=item_row,
        merged_categories=merged + 1 if merged else 0,
        costs_given=int((items.unit_cost >= 0).sum()),
        ratings=int((~np.isnan(purchases.rating[kept])).sum()),
    )


def in_time_order(purchases: PurchaseRecords) -> PurchaseRecords:
    """The purchases sorted by time; at one time by user and item."""
    order = np.lexsort((purchases.item, purchases.user, purchases.second))
    return replace(
        purchases,
        **{
            name: getattr(purchases, name)[order]
            for name in ("user", "item", "second", "quantity", "paid", "rating")
        },
    )


def _kept_rows(
    items: ItemRecords, purchases: PurchaseRecords, max_items: int | None
) -> NDArray[np.int32]:
    """Row of each item in the catalogue: the best-selling ones, in the shop's order."""
    keep = np.ones(len(items.item_id), dtype=np.bool_)
    if max_items is not None and max_items < len(keep):
        lines = np.bincount(purchases.item, minlength=len(keep))
        keep[np.argsort(-lines, kind="stable")[max_items:]] = False
    return np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)


def _merge_categories(
    items: ItemRecords, purchases: PurchaseRecords, item_row: IntArray, assumptions: Assumptions
) -> ItemRecords:
    """Put all but the best-selling categories into one."""
    names = items.category_names
    if len(names) <= assumptions.max_categories:
        return items
    listing = item_row[purchases.item]
    sold = items.category[listing[listing >= 0]]
    lines = np.bincount(sold, minlength=len(names))
    largest = np.sort(np.argsort(-lines, kind="stable")[: assumptions.max_categories - 1])
    kept = [names[c] for c in largest if names[c] != OTHER_CATEGORY]
    new = {name: number for number, name in enumerate(kept)}
    code = np.array([new.get(name, len(kept)) for name in names], dtype=np.int32)
    return replace(items, category=code[items.category], category_names=(*kept, OTHER_CATEGORY))


def _unit_cost(items: ItemRecords, assumptions: Assumptions) -> NDArray[np.int64]:
    assumed = np.rint(items.price * (1.0 - assumptions.default_margin)).astype(np.int64)
    return np.where(items.unit_cost >= 0, items.unit_cost, assumed)


def _quality(
    purchases: PurchaseRecords, kept: NDArray[np.bool_], listing: IntArray, items: ItemRecords
) -> NDArray[np.float64]:
    """Mean ratings shrunk to the mean of all; without ratings, how readily items are bought again.

    Repeat purchases: an item's share of purchases that are repeats, shrunk and standardised within
    its category, moves its quality around `_LOYALTY_QUALITY_MEAN` by `_LOYALTY_QUALITY_SD`.
    """
    count = len(items.title)
    rating = purchases.rating[kept]
    rated = ~np.isnan(rating)
    if rated.any():
        mean = _shrunk_mean(listing[rated], rating[rated], count, float(rating[rated].mean()))
        return np.clip(mean, 0.0, 1.0)
    user, day = purchases.user[kept], purchases.second[kept] // 86_400
    may_repeat = after_first_day(user, day)
    again = repeated(user, listing, day)[may_repeat].astype(np.float64)
    if not len(again):
        return np.full(count, _LOYALTY_QUALITY_MEAN)
    loyalty = _shrunk_mean(listing[may_repeat], again, count, float(again.mean()))
    deviation = centred_within(loyalty, items.category)
    size = np.bincount(items.category)
    variance = np.bincount(items.category, weights=deviation**2) / size
    spread = np.sqrt(variance)[items.category]
    score = np.divide(deviation, spread, out=np.zeros(count), where=spread > 0)
    return np.clip(_LOYALTY_QUALITY_MEAN + _LOYALTY_QUALITY_SD * score, 0.0, 1.0)


def _shrunk_mean(code: IntArray, value: FloatArray, count: int, mean: float) -> NDArray[np.float64]:
    number = np.bincount(code, minlength=count)
    total = np.bincount(code, weights=value, minlength=count)
    shrunk: NDArray[np.float64] = (total + _PRIOR_RECORDS * mean) / (number + _PRIOR_RECORDS)
    return shrunk


def _price_sensitivity(
    user: IntArray, relative: FloatArray, users: int, assumptions: Assumptions
) -> NDArray[np.float32]:
    """Log-normal with the assumed median and spread, in the order in which consumers buy cheaply.

    The order is that of the mean log price paid, against the category's reference price and
    shrunk to the mean of all: discounts sought and cheap brands chosen both count.
    """
    log_price = np.log(np.maximum(relative, 1e-3))
    score = normal_scores(-_shrunk_mean(user, log_price, users, float(log_price.mean())))
    spread = np.exp(assumptions.price_sensitivity_log_sd * score)
    return (assumptions.price_sensitivity_median * spread).astype(np.float32)


def _appeal(
    user: IntArray,
    listing: IntArray,
    catalogue: Catalogue,
    reference: IntArray,
    sensitivity: FloatArray,
) -> NDArray[np.float64]:
    """What must be added to each listing's utility so that its buyers are as many as recorded.

    The log number of distinct buyers, less the log of the mean attraction that its price leaves
    over the consumers' sensitivities; mean 0 in each category. Repeat purchases are no measure of
    appeal, for consumers' histories make them.

    Source: Berry (1994), "Estimating Discrete-Choice Models of Product Differentiation", RAND
    Journal of Economics 25(2): market shares inverted to mean utilities, in the logit.
    """
    count = len(catalogue.title)
    pair = np.unique(user.astype(np.int64) * count + listing)
    buyers = np.bincount(pair % count, minlength=count)
    relative = catalogue.price / reference[catalogue.category]
    quantile = np.quantile(sensitivity.astype(np.float64), np.linspace(0.0, 1.0, 257))
    attraction = logsumexp(-relative[:, None] * quantile, axis=1) - np.log(len(quantile))
    return centred_within(np.log(buyers + 0.5) - attraction, catalogue.category)
