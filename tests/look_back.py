"""When reductions began, found by looking back through the record: what the market carries on."""

import numpy as np
from numpy.typing import NDArray

from policies.arrays import IntArray
from policies.observations import PriceRecord


def began_days_ago(prices: PriceRecord, listing: IntArray, price: IntArray) -> NDArray[np.int64]:
    """How many days ago the reductions began that pages announce today.

    A reduction lasts as long as it is announced, and may be deepened step by step. A cut that
    follows a rise is a new one, even if a reduction was announced all the time.

    Args:
        prices: the record.
        listing: (n,) offers that announce a reduction today.
        price: (n,) cents advertised today.

    Returns:
        (n,) days; 0: today; the length of the record: at its first day, or before.
    """
    pairs = zip(listing.tolist(), price.tolist(), strict=True)
    return np.array([_began(prices, *pair) for pair in pairs], dtype=np.int64)


def reductions_began(prices: PriceRecord, was: IntArray, price: IntArray) -> NDArray[np.int64]:
    """(L,) how many days ago today's reductions began, as of `began_days_ago`; 0 where none is.

    Args:
        prices: the record.
        was: (L,) cents that pages announce today as the price before.
        price: (L,) cents advertised today.
    """
    began = np.zeros(len(was), dtype=np.int64)
    reduced = np.flatnonzero(was > price)
    began[reduced] = began_days_ago(prices, reduced, price[reduced])
    return began


def _began(prices: PriceRecord, listing: int, after: int) -> int:
    began, first_cut = 0, None
    for back in range(1, len(prices.advertised) + 1):
        asked = int(prices.advertised[-back, listing])
        if asked <= 0 or prices.announced[-back, listing] <= asked:
            break
        if first_cut is not None and asked < after:
            return first_cut  # the cut that followed a rise
        began = back
        if asked > after:
            first_cut = back - 1
        after = asked
    return began
