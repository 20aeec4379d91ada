"""The platform learns: the day is written to its log, and policies that learn are shown it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import read_only
from policies.observations import LearningObservation
from policies.protocols import Learner
from sim.platform_log import LogDay
from sim.views import listings_view

if TYPE_CHECKING:
    from sim.market import Marketplace


def learn(market: Marketplace) -> None:
    """Write the day to the log, forget what is too old, and let learning policies retrain."""
    market.log.record(_log_day(market))
    market.log.forget_before(market.day - market.settings.platform.log_days + 1)
    learners = [policy for policy in market.policies.all() if isinstance(policy, Learner)]
    if not learners:
        return
    log, listings = market.log.view(), listings_view(market)
    for policy in learners:
        purpose = f"learning/{policy.family}"
        seed = int(market.streams.key(purpose, market.day)) % (1 << 31)
        policy.learn(LearningObservation(market.day, seed, log, listings))


def _log_day(market: Marketplace) -> LogDay:
    """What was looked at today and what was bought, under the keys of the privacy policy."""
    today = market.today
    session, column = np.nonzero(today.alternatives >= 0)
    listing = today.alternatives[session, column]
    bought = today.session_choice[session] == listing
    reviews = market.reviews
    posted = np.flatnonzero((reviews["day"] == market.day) & (reviews["consumer"] >= 0))
    author = reviews["consumer"][posted]
    return LogDay(
        day=market.day,
        visitor=today.session_key[session],
        listing=listing,
        position=today.position[column],
        bought=bought,
        rating_visitor=np.asarray(market.policies.privacy.keys(read_only(author), market.day)),
        rating_listing=reviews["listing"][posted],
        rating=((reviews["stars"][posted] - 1) / 4.0).astype(np.float32),
    )
