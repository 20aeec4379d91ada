"""What the rival platform knows, and its move."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RivalObservation:
    """Handed to the rival's strategy each morning: what it sees, and its own books."""

    day: int
    discount: float  # its subsidy as the scenario and its events have it, share of its prices
    own_discount: float  # its subsidy of yesterday
    platform_subsidy_rate: float  # our platform's subsidies of late over its GMV
    platform_rate_yesterday: float  # the same of yesterday alone
    share: float  # its share of recent purchases; nan before the first
    sales_recently: float  # currency units a day at its list prices, exponentially weighted
    spent: float  # currency units that it has paid in subsidies so far
    profit: float  # currency units that it has made so far, subsidies deducted


@dataclass(frozen=True, slots=True)
class RivalMove:
    """What the rival does today."""

    discount: float  # subsidy on its prices, share of the price, in [0, 0.99]
    present: bool = True  # False: it has left the market
