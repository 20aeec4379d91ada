"""Consumers respond: satisfaction, reviews, complaints, returns, trust, word of mouth, churn.

Activation: synchronous; every consumer judges the day as it was, then trust moves, then friends
hear of it, then some leave or come back. Who is disappointed with an item does not want it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from sim.consumers import forget
from sim.response.aspiration import experience_against_aspiration
from sim.response.complaints import file_complaints
from sim.response.deliveries import Deliveries, delivered_today
from sim.response.returns import send_back
from sim.response.review_texts import review_texts
from sim.response.reviews import post_reviews
from sim.response.satisfaction import Experience, experience, satisfaction_of_failure
from sim.response.trust import feel, leave_or_return
from sim.response.word_of_mouth import tell_friends

if TYPE_CHECKING:
    from sim.market import Marketplace


def respond(market: Marketplace) -> None:
    """Let consumers respond to what they got today, and to what they did not get."""
    if not market.texts:
        market.texts.extend(review_texts())
    settings = market.settings.consumers.response
    deliveries = delivered_today(market)
    if len(deliveries):
        judged = _judge(market, deliveries)
        post_reviews(market, deliveries, judged)
        disappointed = judged.satisfaction < 0
        forget(
            market.crowd.memory, deliveries.consumer[disappointed], deliveries.listing[disappointed]
        )
        complained = file_complaints(market, deliveries, judged)
        send_back(market, deliveries, judged, complained)
        satisfaction = judged.satisfaction
    else:
        satisfaction = np.empty(0)
    consumer, felt = _experiences_of_the_day(market, deliveries.consumer, satisfaction)
    feel(market.crowd, consumer, felt, settings)
    tell_friends(market.crowd.trust, market.friends, consumer, felt, settings.word_of_mouth)
    leave_or_return(market)


def _judge(market: Marketplace, deliveries: Deliveries) -> Experience:
    settings = market.settings.consumers.response
    draw = market.streams.uniform("recognise", market.day, deliveries.consumer, deliveries.line)
    recognised = deliveries.counterfeit & (draw < settings.counterfeit_detection)
    if settings.satisfaction == "aspiration":
        return experience_against_aspiration(market, deliveries, recognised)
    return experience(deliveries, recognised, settings)


def _experiences_of_the_day(
    market: Marketplace, receiver: IntArray, satisfaction: FloatArray
) -> tuple[IntArray, NDArray[np.float64]]:
    """Consumers with an experience today, ascending, and the mean satisfaction of each.

    Beside deliveries these are orders that never came, prices that rose at checkout, and choices
    that were sold out.
    """
    today, settings = market.today, market.settings.consumers.response
    failures = (
        (market.orders["consumer"][today.closed], settings.cancellation_penalty),
        (today.session_consumer[today.bait_abandoned], settings.deception_penalty),
        (today.session_consumer[today.session_lost], settings.stockout_penalty),
    )
    who = [receiver, *(consumer for consumer, _ in failures)]
    felt = [
        satisfaction,
        *(
            np.full(len(consumer), satisfaction_of_failure(penalty, settings))
            for consumer, penalty in failures
        ),
    ]
    consumer, place = np.unique(np.concatenate(who), return_inverse=True)
    weight = np.bincount(place, minlength=len(consumer))
    total = np.bincount(place, weights=np.concatenate(felt), minlength=len(consumer))
    return consumer, total / weight
