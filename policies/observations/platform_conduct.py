"""What the platform itself does, as far as it must keep records for the regulator."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.subsidies import CampaignNotice


def _ints() -> IntArray:
    return np.empty(0, dtype=np.int64)


def _floats() -> FloatArray:
    return np.empty(0, dtype=np.float64)


def _past() -> BoolArray:
    return np.empty((0, 0), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """One subsidy campaign of the platform, from its first day on."""

    name: str
    notice: CampaignNotice  # what its page told last
    funded: int  # cents set aside for it in all; -1: without limit
    paid: int  # cents granted so far, whoever bore them
    first_day: int  # on which it was offered
    last_day: int  # on which it was offered last, up to yesterday
    ended: bool  # its announced end has passed, or it was not offered yesterday any more


@dataclass(frozen=True, slots=True)
class CampaignBook:
    """The platform's subsidies. O orders were placed yesterday; C categories, L listings.

    Money is cents; subsidies are what the platform bore, not what merchants did.
    """

    campaigns: tuple[CampaignRecord, ...] = ()
    order_listing: IntArray = field(default_factory=_ints)  # (O,)
    order_quantity: IntArray = field(default_factory=_ints)  # (O,) units
    order_price: IntArray = field(default_factory=_ints)  # (O,) before subsidies, all units
    order_subsidy: IntArray = field(default_factory=_ints)  # (O,) to buyer, seller, off the fee
    order_paid: IntArray = field(default_factory=_ints)  # (O,) by the buyer, goods and delivery
    gmv_week: IntArray = field(default_factory=_ints)  # (C,) of the last 7 days, before subsidies
    subsidy_week: IntArray = field(default_factory=_ints)  # (C,) of the last 7 days
    days: int = 0  # days, of these 7, that there are records of
    subsidy_so_far: int = 0  # since day 0, less what cancelled orders and refunds gave back
    effective_price: FloatArray = field(
        default_factory=_floats
    )  # (L,) a unit, less the platform's subsidy, yesterday; nan: unsold or unsubsidised
    was_below_cost: BoolArray = field(
        default_factory=_past
    )  # (H, L) sold below variable cost by the platform's subsidy
    launched: IntArray = field(
        default_factory=_ints
    )  # (C,) day of the category's first listing; -1: before day 0


@dataclass(frozen=True, slots=True)
class PlatformConduct:
    """The platform's own records, book by book."""

    campaigns: CampaignBook = field(default_factory=CampaignBook)
