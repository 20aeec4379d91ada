"""Which orders go back.

The chance of a return falls with satisfaction s on the logistic scale, and is `return_rate` for a
delivery as good as an unrated listing is expected to be:

    logit P(return | s) = logit(return_rate) - 2 (s - s0)

A return gives the price of the goods back and puts them on the shelf again; it is decided on the
day of the delivery.

Source: returns as a valued option that is exercised when the realised value disappoints: Anderson,
Hansen & Simester (2009), "The option value of returns", Marketing Science 28(3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from policies.arrays import BoolArray, FloatArray
from sim.response.deliveries import Deliveries
from sim.response.satisfaction import Experience, satisfaction_of_failure
from sim.settlement import refund

if TYPE_CHECKING:
    from sim.market import Marketplace

SLOPE = 2.0
"""Fall of the log-odds of a return for each unit of satisfaction."""


def return_chance(satisfaction: FloatArray, return_rate: float, middling: float) -> FloatArray:
    """The chance that each order goes back.

    Args:
        satisfaction: (n,) in [-1, 1].
        return_rate: the chance of a middling delivery; 0 and 1 mean never and always.
        middling: satisfaction of a middling delivery.

    Returns:
        (n,) chances.
    """
    chance: FloatArray = expit(logit(return_rate) - SLOPE * (satisfaction - middling))
    return chance


def send_back(
    market: Marketplace, deliveries: Deliveries, experience: Experience, complained: BoolArray
) -> None:
    """Let some buyers of today's deliveries return them; those who complain await the decision."""
    settings = market.settings.consumers.response
    middling = satisfaction_of_failure(0.0, settings)
    chance = return_chance(experience.satisfaction, settings.return_rate, middling)
    draw = market.streams.uniform("return", market.day, deliveries.consumer, deliveries.line)
    back = np.flatnonzero((draw < chance) & ~complained)
    order = deliveries.order[back]
    given_back = refund(market, order, np.ones(len(order)), np.ones(len(order), dtype=np.bool_))
    market.returns.append(day=market.day, order=order, refund=given_back)
    np.add.at(market.listings.returns_recently, deliveries.listing[back], 1.0)
