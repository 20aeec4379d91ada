"""All indicators, in the order in which tables show them."""

from __future__ import annotations

from difflib import get_close_matches

from sim.health import (
    consumers,
    delivery,
    enforcement,
    fairness,
    feedback,
    incidence,
    merchants,
    monitoring,
    platform,
    prices,
    privacy,
    recommendation,
    safety,
    traffic,
    trips,
)
from sim.health.indicator import Indicator
from sim.settings.health import DIMENSIONS

INDICATORS: tuple[Indicator, ...] = tuple(
    sorted(
        (
            *consumers.INDICATORS,
            *merchants.INDICATORS,
            *prices.INDICATORS,
            *safety.INDICATORS,
            *monitoring.INDICATORS,
            *enforcement.INDICATORS,
            *recommendation.INDICATORS,
            *feedback.INDICATORS,
            *fairness.INDICATORS,
            *delivery.INDICATORS,
            *traffic.INDICATORS,
            *trips.INDICATORS,
            *privacy.INDICATORS,
            *platform.INDICATORS,
            *incidence.INDICATORS,
        ),
        key=lambda indicator: DIMENSIONS.index(indicator.dimension),
    )
)


BY_NAME = {indicator.name: indicator for indicator in INDICATORS}


def find(name: str) -> Indicator:
    """The indicator of a name.

    Raises:
        ValueError: if there is none; the nearest known name is suggested.
    """
    if name not in BY_NAME:
        near = get_close_matches(name, BY_NAME, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(BY_NAME)}"
        raise ValueError(f"no indicator {name!r}{hint}")
    return BY_NAME[name]


def describe() -> list[dict[str, str]]:
    """All indicators in words, for the glossary and for lists.

    Returns:
        One record an indicator: name, dimension, sentence, formula, unit, better (higher, lower,
        none), measured (daily or sampled) and source.
    """
    return [
        {
            "name": one.name,
            "dimension": one.dimension,
            "sentence": one.sentence,
            "formula": one.formula,
            "unit": one.unit,
            "better": one.better,
            "measured": "sampled" if one.sampled else "daily",
            "source": one.source,
        }
        for one in INDICATORS
    ]
