"""What the platform itself does, as far as it must keep records for the regulator."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.subsidies import CampaignNotice


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

    campaigns: tuple[CampaignRecord, ...]
    order_listing: IntArray  # (O,)
    order_quantity: IntArray  # (O,) units
    order_price: IntArray  # (O,) at checkout, before subsidies, all units
    order_subsidy: IntArray  # (O,) borne by the platform: to buyer, to seller, off the fee
    order_paid: IntArray  # (O,) by the buyer, for goods and delivery
    gmv_week: IntArray  # (C,) of the last 7 days, before subsidies
    subsidy_week: IntArray  # (C,) of the last 7 days
    days: int  # days, of these 7, that there are records of
    subsidy_so_far: int  # since day 0, without what came back with cancelled orders and refunds
    effective_price: FloatArray  # (L,) a unit, less the platform's subsidy, yesterday; nan: unsold
    was_below_cost: BoolArray  # (H, L) sold below variable cost by the platform's subsidy
    launched: IntArray  # (C,) day of the category's first listing; -1: before day 0


@dataclass(frozen=True, slots=True)
class PlatformConduct:
    """The platform's own records, book by book."""

    campaigns: CampaignBook
