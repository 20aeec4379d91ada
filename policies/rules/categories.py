"""Categories of goods that a rule's parameters name."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from policies.arrays import BoolArray
from policies.observations import ListingsView


def named_categories(listings: ListingsView, names: Collection[str]) -> BoolArray:
    """(C,) whether each category of the market is one of `names`."""
    return np.array([name in names for name in listings.category_names], dtype=np.bool_)
