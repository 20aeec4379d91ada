"""The recommender that learns in the loop: trained every few days on the platform's own log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from policies.arrays import BoolArray, IntArray
from policies.observations import (
    Explanations,
    LearningObservation,
    LearningReport,
    RecommendationObservation,
    ScoredSlates,
)
from policies.recommendation.by_category import members
from policies.recommendation.learned.collaborative import Collaborative
from policies.recommendation.learned.constraint import Constraint
from policies.recommendation.learned.examples import MOST_PLACES, Window
from policies.recommendation.learned.explaining import explained, explained_by_sales
from policies.recommendation.learned.exploring import explore, thompson
from policies.recommendation.learned.facts import SalesBefore
from policies.recommendation.learned.holdout import held_out_metrics
from policies.recommendation.learned.params import LearnedParams
from policies.recommendation.learned.ranker import SCORES_A_BLOCK, Pool, Ranker
from policies.recommendation.learned.visitors import Events, KnownVisitors, VisitorRows


class LearnedRecommendation:
    """Shows what consumers would choose, by a model of what they chose; retrained on the log.

    What was shown and not bought counts against a listing, and a price against its category, so
    that popular is not what was shown most. Until the first training it shows what sells.
    """

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "learned"
    Params = LearnedParams

    def __init__(self, params: LearnedParams) -> None:
        self.params = params
        self._sales = SalesBefore()
        self._rows = VisitorRows()
        self._known: KnownVisitors | None = None
        self._ranker = Ranker(None, blends=True)

    def recommend(self, observation: RecommendationObservation) -> ScoredSlates:
        """(S, K) listings of the session's category by score, a few places given to exploration."""
        self._sales.seen(observation.listings)
        sessions, places = observation.sessions, observation.slate_size
        shape = len(sessions.category), places
        slate = ScoredSlates(
            np.full(shape, -1, dtype=np.int32), np.full(shape, -np.inf, dtype=np.float32)
        )
        rng = np.random.Generator(np.random.Philox(key=observation.seed))
        for who, pool in self._blocks(observation):
            self._fill(slate, who, pool, observation, rng)
        return slate

    def learn(self, observation: LearningObservation) -> LearningReport | None:
        """Retrain when it is due, and know what visitors took by now."""
        self._sales.seen(observation.listings)
        due = (observation.day + 1) % self.params.retrain_days == 0
        if not due and not (self.params.real_time and self._known is not None):
            return None
        after = observation.day - self.params.window_days
        window = Window.of(observation.log, observation.listings, after)
        report = self._train(window, observation) if due else None
        if self._ranker.ready:
            self._known = KnownVisitors.of(
                Events.of(window.log, window.price, clicks_until=self.params.clicks_until)
            )
        return report

    def explain(
        self, observation: RecommendationObservation, session: IntArray, listing: IntArray
    ) -> Explanations:
        """What the scores of listings for sessions are made of.

        Args:
            observation: as `recommend` had it.
            session: (n,) rows of sessions.
            listing: (n,) a listing of each session's category.
        """
        if not self._ranker.ready or self._known is None:
            return explained_by_sales(observation.listings, listing)
        category = observation.sessions.category[session]
        pools = {
            one: self._pool(observation, one) for one in np.unique(category).astype(int).tolist()
        }
        return explained(
            self._ranker,
            self._rows,
            self._known,
            [pools[int(one)] for one in category],
            observation.sessions.visitor[session],
            listing,
        )

    def _pool(self, observation: RecommendationObservation, category: int) -> Pool:
        pool = members(observation.listings, category)
        return Pool.of(pool, observation.listings, self._sales)

    def _blocks(self, observation: RecommendationObservation) -> Iterator[tuple[IntArray, Pool]]:
        """Sessions of one category, some at a time, and what is on sale for them."""
        category = observation.sessions.category
        for one in np.unique(category).tolist():
            pool = self._pool(observation, int(one))
            own = np.flatnonzero(category == one)
            a_block = max(SCORES_A_BLOCK // max(len(pool.listing), 1), 1)
            for start in range(0, len(own) if len(pool.listing) else 0, a_block):
                yield own[start : start + a_block], pool

    def _fill(
        self,
        slate: ScoredSlates,
        who: IntArray,
        pool: Pool,
        observation: RecommendationObservation,
        rng: np.random.Generator,
    ) -> None:
        from models.top_k import top_k_by_score

        places, params, listings = observation.slate_size, self.params, observation.listings
        if self._ranker.ready and self._known is not None:
            keys = observation.sessions.visitor[who]
            score = self._ranker.scores(keys, self._rows, self._known, pool)
        else:
            sold = listings.sold_recently[pool.listing].astype(np.float32)
            score = np.tile(sold, (len(who), 1))
        if observation.predicted_rating is not None:  # nan: bought, and wanted once only
            gone = np.isnan(observation.predicted_rating[np.ix_(who, pool.listing)])
            score[gone] = -np.inf
        column = top_k_by_score(score, places)
        explored = round(params.exploration * places)
        if explored:
            if params.explore_by == "uncertainty" and self._ranker.logit is not None:
                draw = thompson(score, self._ranker.logit.spread(pool.listing), rng)
            else:
                draw = rng.random(score.shape, dtype=np.float32)
                draw[np.isneginf(score)] = -np.inf
            fresh = listings.age_days[pool.listing] < params.new_days
            column = explore(column, draw, explored, fresh, round(params.new_listings * explored))
        there = column >= 0
        slate.listing[who] = np.where(there, pool.listing[column], -1)
        slate.score[who] = np.where(there, np.take_along_axis(score, column, axis=1), -np.inf)

    def _train(self, window: Window, observation: LearningObservation) -> LearningReport | None:
        """Train on all but the last days, measure on these, and go on with all."""
        bought = window.log.bought
        if not bought.any():
            return None
        self._rows.add(window.log.visitor)
        self._rows.add(window.log.rating_visitor)
        self._renew()
        days = np.unique(window.log.day)
        held = min(self.params.holdout_days, self.params.retrain_days, len(days) // 2)
        metrics: dict[str, float] = {}
        if held:
            earlier = window.log.day < days[len(days) - held]
            if bought[earlier].any():
                self._fit(window, observation, earlier)
                metrics = held_out_metrics(
                    self._ranker,
                    self._rows,
                    self._sales,
                    window,
                    earlier,
                    self.params.clicks_until,
                )
        self._fit(window, observation, np.ones(len(bought), dtype=np.bool_))
        metrics["examples"] = float(len(bought))
        return LearningReport(metrics)

    def _renew(self) -> None:
        """Start a model anew of which the parameters change the name or the size."""
        params = self.params
        wanted = (params.model, params.embedding_size)
        model = self._ranker.model
        if params.model == "choice":
            self._ranker.model = None
        elif model is None or model.made_of != wanted:
            self._ranker.model = Collaborative(*wanted)
        if self._ranker.model is not None:
            self._ranker.model.constraint = Constraint(params.fair_group, params.fair_share)
        self._ranker.blends = params.blend
        self._ranker.rating_weight = params.rating_weight

    def _fit(self, window: Window, observation: LearningObservation, rows: BoolArray) -> None:
        self._ranker.fit(
            window,
            self._rows,
            self._sales,
            rows,
            places=2 * MOST_PLACES + 1 if self.params.position_correction else 0,
            size=self.params.embedding_size,
            epochs=self.params.epochs,
            seed=observation.seed,
        )
