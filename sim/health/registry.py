"""All indicators, in the order in which tables show them."""

from __future__ import annotations

from sim.health import (
    consumers,
    delivery,
    merchants,
    platform,
    prices,
    privacy,
    recommendation,
    safety,
)
from sim.health.indicator import Indicator

INDICATORS: tuple[Indicator, ...] = (
    *consumers.INDICATORS,
    *merchants.INDICATORS,
    *prices.INDICATORS,
    *safety.INDICATORS,
    *recommendation.INDICATORS,
    *delivery.INDICATORS,
    *privacy.INDICATORS,
    *platform.INDICATORS,
)


def find(name: str) -> Indicator:
    """The indicator of a name.

    Raises:
        KeyError: if there is none.
    """
    for indicator in INDICATORS:
        if indicator.name == name:
            return indicator
    raise KeyError(name)
