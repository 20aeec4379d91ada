"""Search that learns from what was clicked and bought."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import FloatArray, IntArray
from policies.observations import (
    AMONG_RESULTS,
    InteractionLog,
    LearningObservation,
    LearningReport,
    ListingsView,
    SearchObservation,
)
from policies.params import PolicyParams
from policies.registry import PolicyError
from policies.search.features import Goods, Pairs, features_of, goods_of, relative_log_price
from policies.search.matching import TextMatching, results_by_query, texts_of

if TYPE_CHECKING:
    from models.search_ranking.behaviour import Behaviour
    from models.search_ranking.pages import SearchPages
    from models.search_ranking.ranker import SearchRanker
    from models.text_search import BM25Index
    from models.text_vectors import TextVectors

K1, B, REINDEX_DAYS = 1.5, 0.75, 1
"""Constants of the text match, those of `bm25`; new listings are found the next day."""

PURCHASE = 3.0
"""Clicks that a purchase is worth in training."""

HELD_OUT = 5
"""One page in so many is not learned from but tells how good the ranking is."""

RESULTS_AT_A_TIME = 200_000
"""Candidates whose features are worked out together, so that a busy day fits in memory."""


class LearnedSearch:
    """Ranks what matches the query by what visitors like this one clicked and bought.

    The best text matches are ordered anew by a ranker that is trained on the platform's own log of
    search results, on features of query, listing and visitor. What was looked at less for standing
    lower counts more. Until the first training the order is that of the text match.
    """

    family: ClassVar[str] = "search"
    name: ClassVar[str] = "learned"

    class Params(PolicyParams):
        """Parameters of the learned search."""

        ranker: Literal["neural", "boosted"] = Field(
            "neural", description="neural: PyTorch; boosted: LightGBM's LambdaRank, extra `ranker`"
        )
        loss: Literal["softmax", "lambdarank"] = Field(
            "softmax", description="what the neural ranker minimises"
        )
        epochs: int = Field(
            8, ge=1, le=200, description="passes of the neural ranker over the log a training"
        )
        trees: int = Field(60, ge=1, le=2000, description="trees of the boosted ranker")
        retrain_days: int = Field(7, ge=1, le=365, description="days between two trainings")
        window_days: int = Field(28, ge=1, le=3650, description="days of the log it trains on")
        depth: int = Field(
            96, ge=1, le=5000, description="text matches of a query that are ordered anew"
        )
        text_dimensions: int = Field(
            16, ge=1, le=512, description="numbers that describe a text (LSA)"
        )
        personal: bool = Field(True, description="false: all who type the same are shown the same")
        position_bias: Literal["examined", "ignored"] = Field(
            "examined",
            description="examined: clicks count by the chance that their place was looked at, "
            "estimated from the log; ignored: all count alike",
        )

    def __init__(self, params: Params) -> None:
        self.params = params
        if params.ranker == "boosted" and importlib.util.find_spec("lightgbm") is None:
            raise PolicyError(
                "search.learned: the ranker 'boosted' needs LightGBM, which is not installed: "
                "pip install 'weal[ranker]', or take the ranker 'neural'"
            )
        self._matching = TextMatching()
        self._space: TextVectors | None = None
        self._text: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)
        self._behaviour: Behaviour | None = None
        self._ranker: SearchRanker | None = None
        self._examination: FloatArray | None = None

    def search(self, observation: SearchObservation) -> NDArray[np.int32]:
        """(S, K) listings on sale that match, the most promising first."""
        listings, sessions = observation.listings, observation.sessions
        index = self._index(listings, observation.day)
        depth = max(self.params.depth, observation.result_size)
        asked, found = self._matching.matches(index, observation, depth)
        if self._ranker is None or not self._ranker.trained or len(asked) == 0:
            return results_by_query(observation, asked, found)
        results = np.full((len(sessions.query), observation.result_size), -1, dtype=np.int32)
        searching = np.flatnonzero(sessions.query >= 0)
        goods = self._goods(listings)
        for rows in np.array_split(searching, len(searching) * depth // RESULTS_AT_A_TIME + 1):
            candidates = found[np.searchsorted(asked, sessions.query[rows])]
            results[rows] = self._ranked(observation, rows, candidates, goods, index)
        return results

    def learn(self, observation: LearningObservation) -> LearningReport | None:
        """Count the day; retrain when it is due and there is something to learn from."""
        day, params = observation.day, self.params
        listings, log = observation.listings, observation.log
        due = (day + 1) % params.retrain_days == 0
        first = day - params.window_days + 1 if due else day
        if due or self._behaviour is None or self._space is None:
            from models.search_ranking.behaviour import Behaviour
            from models.text_vectors import TextVectors

            self._behaviour = Behaviour()
            texts = texts_of(listings)
            self._space = TextVectors.of(texts, params.text_dimensions)
            self._text = self._space.vectors(texts)
        goods, index = self._goods(listings), self._index(listings, day)
        seen: list[tuple[IntArray, FloatArray]] = []
        for one in np.unique(log.day[np.searchsorted(log.day, first) :]).tolist():
            rows = np.arange(*np.searchsorted(log.day, [one, one + 1]))
            if due:
                searched = rows[(log.surface[rows] == AMONG_RESULTS) & (log.query[rows] >= 0)]
                seen.append((searched, self._features(log, searched, day, goods, index)))
            self._observe(log, rows, one, goods)
        return self._train(log, seen, observation.seed) if seen else None

    def _train(
        self, log: InteractionLog, seen: list[tuple[IntArray, FloatArray]], seed: int
    ) -> LearningReport | None:
        from models.search_ranking.evaluation import page_ndcg, page_quality
        from models.search_ranking.pages import SearchPages
        from models.search_ranking.position_bias import examination_by_place

        rows = np.concatenate([rows for rows, _ in seen])
        if len(rows) == 0:
            return None
        gain = np.where(log.bought[rows], PURCHASE, log.clicked[rows].astype(np.float64))
        features = np.concatenate([told for _, told in seen])
        held_out = log.session[rows] % HELD_OUT == 0

        def pages(of: NDArray[np.bool_]) -> SearchPages:
            chosen = rows[of]
            return SearchPages.of(features[of], log.session[chosen], log.position[chosen], gain[of])

        training, later = pages(~held_out), pages(held_out)
        if len(training) == 0:
            return None
        examination = None
        if self.params.position_bias == "examined":
            examination = examination_by_place(training)
        ranker = self._ranker_to_train()
        report = ranker.fit(training, examination=examination, seed=seed)
        if report.lists == 0:
            return None
        self._ranker, self._examination = ranker, examination
        quality = page_quality(ranker.scores(later.features), later)
        return LearningReport(
            {
                "ndcg": quality.ndcg,
                "ndcg_as_shown": page_ndcg(np.zeros(len(later.gain)), later),
                "recall": quality.recall,
                "calibration": quality.calibration,
                "loss": report.losses[-1],
                "examples": report.lists,
                "last_place_examined": 1.0 if examination is None else float(examination[-1]),
            }
        )

    def _ranker_to_train(self) -> SearchRanker:
        """The ranker so far, or a new one where parameters ask for another kind."""
        from models.search_ranking.boosted import BoostedRanker, BoostedRankerConfig
        from models.search_ranking.neural import NeuralRanker, NeuralRankerConfig

        params = self.params
        if params.ranker == "boosted":
            return BoostedRanker(BoostedRankerConfig(trees=params.trees))
        config = NeuralRankerConfig(loss=params.loss, epochs=params.epochs)
        if not isinstance(self._ranker, NeuralRanker):
            return NeuralRanker(config)
        self._ranker.config = config
        return self._ranker

    def _ranked(
        self,
        observation: SearchObservation,
        rows: IntArray,
        candidates: NDArray[np.int32],
        goods: Goods,
        index: BM25Index,
    ) -> NDArray[np.int32]:
        """(n, K) the best of (n, C) candidates of sessions; ties as the text match has them."""
        from models.top_k import top_k_by_score

        assert self._ranker is not None
        listings, sessions = observation.listings, observation.sessions
        session, place = np.nonzero(candidates >= 0)
        listing = candidates[session, place].astype(np.int64)
        pairs = Pairs(
            sessions.visitor[rows[session]],
            listing,
            sessions.query[rows[session]].astype(np.int64),
            listings.price[listing],
            listings.age_days[listing],
        )
        scores = np.full(candidates.shape, -np.inf, dtype=np.float32)
        told = self._told(pairs, goods, sessions.queries, index)
        scores[session, place] = self._ranker.scores(told)
        best = top_k_by_score(scores, observation.result_size)
        found = np.take_along_axis(candidates, np.maximum(best, 0), axis=1)
        return np.where(best >= 0, found, -1)

    def _features(
        self, log: InteractionLog, rows: IntArray, day: int, goods: Goods, index: BM25Index
    ) -> FloatArray:
        """(E, F) what was known of results in the log when they were shown."""
        listing = log.listing[rows].astype(np.int64)
        age = goods.listings.age_days[listing] - (day - log.day[rows])
        pairs = Pairs(
            log.visitor[rows], listing, log.query[rows].astype(np.int64), log.price[rows], age
        )
        return self._told(pairs, goods, log.queries, index)

    def _told(
        self, pairs: Pairs, goods: Goods, queries: tuple[str, ...], index: BM25Index
    ) -> FloatArray:
        assert self._space is not None
        assert self._behaviour is not None
        return features_of(
            pairs,
            goods,
            queries,
            index,
            self._space,
            self._behaviour,
            personal=self.params.personal,
        )

    def _observe(self, log: InteractionLog, rows: IntArray, day: int, goods: Goods) -> None:
        """Let a day of the log count in what is known of listings and visitors."""
        from models.search_ranking.behaviour import Views
        from models.search_ranking.pages import chance_of_a_look

        assert self._behaviour is not None
        listings, listing = goods.listings, log.listing[rows].astype(np.int64)
        look = np.where(
            log.surface[rows] == AMONG_RESULTS,
            chance_of_a_look(self._examination, log.position[rows]),
            1.0,
        )
        rated = log.rating_day == day
        self._behaviour.observe(
            Views(
                log.session[rows],
                log.visitor[rows],
                listing,
                log.query[rows],
                relative_log_price(listings, listing, log.price[rows]),
                look,
                log.clicked[rows],
                log.bought[rows],
            ),
            goods.vectors,
            listings.category,
            len(listings.category_names),
            (log.rating_listing[rated].astype(np.int64), log.rating[rated].astype(np.float64)),
        )

    def _index(self, listings: ListingsView, day: int) -> BM25Index:
        return self._matching.renew(listings, day, k1=K1, b=B, reindex_days=REINDEX_DAYS)

    def _goods(self, listings: ListingsView) -> Goods:
        """The listings with their vectors; those of texts that are new are added."""
        known = len(self._text)
        if self._space is not None and known < len(listings.title):
            more = self._space.vectors(texts_of(listings)[known:])
            self._text = np.concatenate([self._text, more])
        return goods_of(listings, self._text)
