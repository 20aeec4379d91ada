"""Who complains, about what, and with which evidence.

A dissatisfied buyer (satisfaction below 0) complains with `complaint_rate`: about a counterfeit
that she recognised, else about what cost her most stars. Some buyers complain although they are
satisfied; they are few and do it again and again, so that an account's past tells something. A
complaint is justified if the goods were counterfeit or clearly below what their ratings let a buyer
expect, the parcel late, or a price false. The better the case, the stronger the evidence, but the
two kinds overlap: Beta(3, 1) against Beta(1, 3).

Source: complaining as a response to dissatisfaction: Singh (1988), Journal of Marketing 52(1);
opportunistic complaints concentrate on few customers: Reynolds & Harris (2005), Journal of
Services Marketing 19(5); goods must have the quality that "the consumer may reasonably expect":
Directive (EU) 2019/771, Article 7(1)(d).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, FloatArray
from sim.event_tables import ComplaintKind
from sim.response.deliveries import Deliveries
from sim.response.satisfaction import Experience

if TYPE_CHECKING:
    from sim.market import Marketplace

ABUSERS = 0.05
"""Share of consumers who make the false complaints."""

TOLERANCE = 0.2
"""Quality below expectation, of [0, 1], that a buyer must put up with."""

_PRETEXTS = np.cumsum([0.7, 0.3])
"""Cumulative shares of the kinds that false complaints claim: not as described, not genuine."""

_BY_LOSS = np.array(
    [ComplaintKind.NOT_AS_DESCRIBED, ComplaintKind.LATE, ComplaintKind.CHECKOUT_PRICE]
)


def false_complaint_chance(honesty: FloatArray, rate: float) -> FloatArray:
    """The chance that each satisfied buyer complains all the same; `rate` on average.

    Args:
        honesty: (n,) uniform draws, each consumer's own and for good.
        rate: mean chance over all consumers.

    Returns:
        (n,) 0 for the honest, one and the same chance for the others.
    """
    abusers = max(ABUSERS, rate)
    return np.where(honesty < abusers, rate / abusers, 0.0)


def complaint_kind(experience: Experience) -> NDArray[np.int8]:
    """(n,) what a dissatisfied buyer complains about: what cost her most stars."""
    lost = np.stack(
        [experience.lost_to_quality, experience.lost_to_lateness, experience.lost_to_deception]
    )
    worst = _BY_LOSS[np.argmax(lost, axis=0)]
    kind: NDArray[np.int8] = np.where(
        experience.recognised, ComplaintKind.NOT_GENUINE, worst
    ).astype(np.int8)
    return kind


def is_justified(deliveries: Deliveries, kind: NDArray[np.int8]) -> BoolArray:
    """(n,) whether buyers who complain of `kind` were wronged in that respect."""
    missing = deliveries.expected_quality - deliveries.true_quality
    short = deliveries.counterfeit | (missing > TOLERANCE)
    deceived = (deliveries.overcharge > 0) | (deliveries.exaggeration > 0)
    by_kind = {
        ComplaintKind.NOT_AS_DESCRIBED: short,
        ComplaintKind.NOT_GENUINE: deliveries.counterfeit,
        ComplaintKind.LATE: deliveries.hours_late > 0,
        ComplaintKind.CHECKOUT_PRICE: deceived,
    }
    return np.select([kind == one for one in by_kind], list(by_kind.values()), default=False)


def evidence_strength(draw: FloatArray, justified: BoolArray) -> FloatArray:
    """(n,) strength of the evidence in [0, 1]: Beta(3, 1) if justified, else Beta(1, 3)."""
    return np.where(justified, np.cbrt(draw), 1.0 - np.cbrt(1.0 - draw))


def file_complaints(
    market: Marketplace, deliveries: Deliveries, experience: Experience
) -> BoolArray:
    """Let some buyers of today's deliveries complain.

    Returns:
        (n,) which orders were complained about.
    """
    settings, streams, day = market.settings.consumers.response, market.streams, market.day
    consumer, line = deliveries.consumer, deliveries.line
    honesty = streams.uniform("complaint_honesty", 0, consumer)
    dissatisfied = experience.satisfaction < 0
    chance = np.where(
        dissatisfied,
        settings.complaint_rate,
        false_complaint_chance(honesty, settings.false_complaint_rate),
    )
    complains = streams.uniform("complaint", day, consumer, line) < chance
    pretext = np.searchsorted(
        _PRETEXTS, streams.uniform("complaint_pretext", day, consumer, line), side="right"
    )
    kind = np.where(dissatisfied, complaint_kind(experience), np.minimum(pretext, 1))
    justified = dissatisfied & is_justified(deliveries, kind.astype(np.int8))
    strength = evidence_strength(
        streams.uniform("complaint_evidence", day, consumer, line), justified
    )
    _write_down(market, deliveries, complains, kind.astype(np.int8), justified, strength)
    return complains


def _write_down(
    market: Marketplace,
    deliveries: Deliveries,
    complains: BoolArray,
    kind: NDArray[np.int8],
    justified: BoolArray,
    strength: FloatArray,
) -> None:
    consumer, listing = deliveries.consumer[complains], deliveries.listing[complains]
    market.complaints.append(
        day=market.day,
        consumer=consumer,
        order=deliveries.order[complains],
        listing=listing,
        merchant=deliveries.merchant[complains],
        kind=kind[complains],
        evidence=strength[complains],
        closed_on=-1,
        refund=0,
        justified=justified[complains],
    )
    listings = market.listings
    np.add.at(market.crowd.complaints, consumer, 1)
    np.add.at(listings.complaints, listing, 1)
    np.add.at(listings.complaints_recently, listing, 1.0)
    fakes = listing[kind[complains] == ComplaintKind.NOT_GENUINE]
    np.add.at(listings.counterfeit_complaints, fakes, 1)
