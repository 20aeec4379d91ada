"""The platform learns: the day is written to its log, and policies that learn are shown it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, IntArray, read_only
from policies.observations import (
    AMONG_RESULTS,
    BROWSED,
    ON_SLATE,
    WANTED_AGAIN,
    LearningObservation,
    LearningReport,
)
from policies.protocols import Learner
from policies.repeats import drop_repeats
from sim.delivery.times import remember_delivery_times
from sim.platform_log import LogDay
from sim.policy_results import PolicyResultError
from sim.views import listings_view

if TYPE_CHECKING:
    from sim.market import Marketplace


def learn(market: Marketplace) -> None:
    """Write the day to the log, forget what is too old, and let learning policies retrain."""
    remember_delivery_times(market)
    market.log.record(_log_day(market))
    market.log.forget_before(market.day - market.settings.platform.log_days + 1)
    learners = [policy for policy in market.policies.all() if isinstance(policy, Learner)]
    if not learners:
        return
    log, listings = market.log.view(market.queries.text), listings_view(market)
    for policy in learners:
        purpose = f"learning/{policy.family}"
        seed = int(market.streams.key(purpose, market.day)) % (1 << 31)
        report = policy.learn(LearningObservation(market.day, seed, log, listings))
        if report is not None:
            _keep(market, policy, report)


def _keep(market: Marketplace, policy: Any, report: Any) -> None:
    """Enter what a policy tells of a training in the run's table."""
    who = f"{policy.family} policy {policy.name!r}"
    if not isinstance(report, LearningReport):
        raise PolicyResultError(
            f"{who} must return a LearningReport of a training, or None, not "
            f"{type(report).__name__}"
        )
    for name, value in dict[Any, Any](report.metrics).items():
        if not isinstance(name, str) or not name.isidentifier():
            raise PolicyResultError(f"{who}: a metric's name must be a word, not {name!r}")
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise PolicyResultError(
                f"{who}: metric {name} must be a number, not {value!r}"
            ) from None
        metric = f"{policy.family}.{name}"
        if metric not in market.learning_metrics:
            market.learning_metrics.append(metric)
        market.learning.append(
            day=market.day, metric=market.learning_metrics.index(metric), value=number
        )


def _log_day(market: Marketplace) -> LogDay:
    """What was on the pages of today and what was bought, under the keys of the privacy policy."""
    today, reviews, orders = market.today, market.reviews, market.orders
    page, clicked, bought = _pages(market)
    session, column = np.nonzero(page >= 0)
    first = reviews.first_since(market.day)
    posted = first + np.flatnonzero(reviews["consumer"][first:] >= 0)
    back = market.returns["order"][market.returns.first_since(market.day) :]
    return LogDay(
        day=market.day,
        session=session,
        visitor=today.session_key[session],
        listing=page[session, column],
        surface=_surfaces(market)[column],
        position=today.position[column],
        price=market.listings.advertised[page[session, column]],
        query=today.session_query[session],
        clicked=clicked[session, column],
        bought=bought[session, column],
        rating_visitor=_keys(market, reviews["consumer"][posted]),
        rating_listing=reviews["listing"][posted],
        rating=((reviews["stars"][posted] - 1) / 4.0).astype(np.float32),
        return_visitor=_keys(market, orders["consumer"][back]),
        return_listing=orders["listing"][back],
    )


def _keys(market: Marketplace, consumers: IntArray) -> NDArray[Any]:
    return np.asarray(market.policies.privacy.keys(read_only(consumers), market.day))


def _pages(market: Marketplace) -> tuple[IntArray, BoolArray, BoolArray]:
    """(S, A) what is logged of each session's page, and what of it was clicked and bought.

    By default what came into view; a platform that cannot tell logs all that it sent.
    """
    today = market.today
    page, clicked = today.alternatives, today.clicked
    bought = (page == today.session_choice[:, None]) & (page >= 0)
    choice = market.settings.consumers.choice
    if market.settings.platform.logs == "seen" or choice.show_all:
        return page, clicked, bought
    results = np.where((today.session_query >= 0)[:, None], today.results, -1)
    sent = np.concatenate([page[:, :1], results, today.slate], axis=1).astype(np.int32)
    sent = np.where(page >= 0, page, sent)
    drop_repeats(sent)
    return sent, clicked & (sent >= 0), bought & (sent >= 0)


def _surfaces(market: Marketplace) -> NDArray[np.int8]:
    """(A,) where on the page each column of the alternatives stands."""
    today = market.today
    if market.settings.consumers.choice.show_all:
        return np.full(len(today.position), BROWSED, dtype=np.int8)
    widths = (1, today.results.shape[1], today.slate.shape[1])
    return np.repeat(np.array([WANTED_AGAIN, AMONG_RESULTS, ON_SLATE], dtype=np.int8), widths)
