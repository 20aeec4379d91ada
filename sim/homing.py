"""Which platforms consumers shop at: both, ours alone, or the rival's alone.

Who multi-homes compares both platforms at every need; who single-homes shops at one and does not
look at the other. Homes are drawn once; if the rival leaves the market, all shop at ours.

Source: Armstrong (2006), "Competition in two-sided markets", RAND Journal of Economics 37(3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray
from sim.settings.consumers import ConsumerSettings
from sim.streams import Streams

if TYPE_CHECKING:
    from sim.market import Marketplace

BOTH, OURS, RIVALS = 0, 1, 2


def draw_homes(settings: ConsumerSettings, count: int, streams: Streams) -> NDArray[np.int8]:
    """(N,) BOTH, OURS or RIVALS; whoever multi-homes at one share does so at a larger one."""
    rows = np.arange(count)
    compares = streams.uniform("multi_homing", 0, rows) < settings.multi_homing
    at_rival = streams.uniform("home", 0, rows) < settings.rival_home
    return np.where(compares, BOTH, np.where(at_rival, RIVALS, OURS)).astype(np.int8)


def shops_here(market: Marketplace) -> BoolArray:
    """(N,) whether a consumer may come to our platform: its home is not the rival's alone."""
    here: BoolArray = market.crowd.home != RIVALS
    return here if market.rival_books.present else np.ones_like(here)


def comparing_share(market: Marketplace) -> float:
    """The share of those who may come to our platform that compare it with the rival's."""
    home = market.crowd.home
    here = int(np.count_nonzero(home != RIVALS))
    return int(np.count_nonzero(home == BOTH)) / here if here else 0.0
