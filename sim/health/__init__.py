"""The health of the market: indicators by dimension, and a composite index of them."""

from sim.health.index import IndexResult, composite_index
from sim.health.indicator import Indicator
from sim.health.measure import DailyIndicators, measure
from sim.health.registry import INDICATORS, describe, find

__all__ = [
    "INDICATORS",
    "DailyIndicators",
    "IndexResult",
    "Indicator",
    "composite_index",
    "describe",
    "find",
    "measure",
]
