"""The slate bandit: slates drawn at random on purpose, learned from what the scenario rewards."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations import (
    InteractionLog,
    LearningObservation,
    LearningReport,
    ListingsView,
    RecommendationObservation,
)
from policies.params import PolicyParams
from policies.recommendation.bandit_outcomes import LogReader, Outcomes, Reward
from policies.recommendation.bandit_slates import (
    CONTEXT_FEATURES,
    LISTING_FEATURES,
    SOLD,
    Logits,
    SlatesOfDay,
    draw_slates,
    listing_features,
    session_contexts,
)

if TYPE_CHECKING:
    from models.bandits.linear import LinearBandit
    from models.bandits.neural_linear import NeuralLinearBandit
    from models.bandits.slate_gradient import SlateGradient

_Day = tuple[SlatesOfDay, Outcomes, BoolArray]
"""A day's slates, what came of them, and which of its sessions count (S,)."""


class BanditRecommendation:
    """Draws slates by what it expects to be rewarded for, keeps their chances, learns from the log.

    A slate is drawn place by place from a softmax of scores. The reward is set in the scenario:
    sales, what buyers made of them, visitors who come back. Each training is valued off-policy, on
    sessions held out, by inverse propensity scores, self-normalised and doubly robust. Until the
    first training it draws by what sells.

    Source: Li et al. (2010), WWW (linear, UCB); Riquelme, Tucker & Snoek (2018), ICLR (neural);
    Chen et al. (2019), WSDM (gradient).
    """

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "bandit"

    class Params(PolicyParams):
        """Parameters of the slate bandit."""

        model: Literal["linear", "neural", "gradient"] = Field(
            "linear",
            description="what scores listings: a linear or a neural model of their reward, or the "
            "weights of a ranking that climb by their own gradient",
        )
        sale_weight: float = Field(1.0, ge=0.0, le=100.0, description="reward of a sale")
        satisfaction_weight: float = Field(
            0.0,
            ge=0.0,
            le=100.0,
            description="reward of a sale's rating, from -1 (one star) to 1 (five), less 1 for "
            "a return, less the listing's complaints a sale",
        )
        trust_weight: float = Field(
            0.0, ge=0.0, le=100.0, description="reward of a visitor who comes back"
        )
        horizon_days: int = Field(
            7, ge=1, le=90, description="days for which ratings, returns and visits are waited for"
        )
        exploration: Literal["thompson", "ucb"] = Field(
            "thompson",
            description="how uncertainty counts in a model of the reward: one draw of the model a "
            "day, or in favour of what is not known well",
        )
        uncertainty: float = Field(
            1.0, ge=0.0, le=10.0, description="standard deviations of the model that count"
        )
        sharpness: float = Field(
            3.0,
            ge=0.0,
            le=20.0,
            description="how much rather a listing is shown whose score is one standard deviation "
            "of its category higher, logit; 0: at random",
        )
        retrain_days: int = Field(7, ge=1, le=365, description="days between two trainings")
        window_days: int = Field(28, ge=1, le=365, description="days of slates it trains on")
        held_out: float = Field(
            0.3,
            gt=0.0,
            lt=1.0,
            description="share of the sessions that value a training, and are not trained on",
        )
        clip: float = Field(
            10.0,
            ge=1.0,
            le=1e6,
            description="largest weight of a session when the model `gradient` learns, and when a "
            "training is valued",
        )

        @model_validator(mode="after")
        def _rewards_something(self) -> Self:
            if self.sale_weight == self.satisfaction_weight == self.trust_weight == 0.0:
                raise ValueError(
                    "sale_weight, satisfaction_weight and trust_weight are all 0: one must be more"
                )
            return self

    def __init__(self, params: Params) -> None:
        self.params = params
        self.model: LinearBandit | NeuralLinearBandit | SlateGradient | None = None
        self._slates: list[SlatesOfDay] = []
        self._buyers: IntArray = np.empty(0, dtype=np.int64)
        self._price_level: FloatArray = np.empty(0)

    def recommend(self, observation: RecommendationObservation) -> NDArray[np.int32]:
        """(S, K) listings of the session's category, drawn by their scores."""
        listings, sessions = observation.listings, observation.sessions
        shape = (len(sessions.category), observation.slate_size)
        generator = np.random.Generator(np.random.Philox(key=observation.seed))
        today = SlatesOfDay(
            day=observation.day,
            features=listing_features(listings),
            on_sale=listings.on_sale.copy(),
            category_of_listing=listings.category.copy(),
            contexts=session_contexts(sessions, self._buyers, self._price_level),
            category=sessions.category.copy(),
            slate=np.full(shape, -1, dtype=np.int32),
            log_probability=np.zeros(shape, dtype=np.float32),
        )
        today.slate[:], today.log_probability[:] = draw_slates(
            today, self._logits(observation.seed), generator
        )
        self._slates.append(today)
        return today.slate.copy()

    def learn(self, observation: LearningObservation) -> LearningReport | None:
        """Train anew when it is due, and tell what the new policy is worth."""
        self._forget(observation)
        if (observation.day + 1) % self.params.retrain_days:
            return None
        days = self.outcomes(observation)
        chosen = np.random.Generator(np.random.Philox(key=observation.seed))
        drawn = [chosen.random(len(counts)) < self.params.held_out for _, _, counts in days]
        training = [
            (slates, came, counts & ~held)
            for (slates, came, counts), held in zip(days, drawn, strict=True)
        ]
        held_out = [
            (slates, came, counts & held)
            for (slates, came, counts), held in zip(days, drawn, strict=True)
        ]
        features, contexts, rewards = _examples(training)
        if len(rewards) == 0 or rewards.min() == rewards.max():
            return None
        reward_model = self._reward_model(features, contexts, rewards, observation.seed)
        if self.params.model == "gradient":
            self.model = self._gradient(training)
        else:
            self.model = reward_model
        self._remember_buyers(observation.log, observation.listings)
        told = self._valued(reward_model, training, held_out)
        sessions = sum(len(counts) for _, _, counts in days)
        kept = sum(int(counts.sum()) for _, _, counts in days)
        return LearningReport(
            {"examples": float(len(rewards)), "kept": kept / max(sessions, 1), **told}
        )

    def outcomes(self, observation: LearningObservation) -> list[_Day]:
        """What came of the slates of the window of which all that counts is known.

        Sessions count whose slate stood as it was drawn: a steering or a re-ranking that moves
        listings makes their chances unknown.
        """
        reward = self._reward()
        last = observation.day - reward.waits
        reader = LogReader(observation.log, observation.listings, reward)
        days = []
        for slates in self._slates:
            if last - self.params.window_days < slates.day <= last:
                came = reader.of(slates)
                days.append((slates, came, came.as_drawn))
        return days

    def candidate(self) -> Logits:
        """The trained policy as it would rank without doubts, for valuing it."""
        return self._logits(None)

    def _logits(self, seed: int | None) -> Logits:
        """Logits of the listings of a category; a seed: of that day, with what is not known."""
        params, model = self.params, self.model
        if model is None:
            return lambda x, c: np.tile(params.sharpness * x[:, SOLD].astype(float), (len(c), 1))
        if hasattr(model, "logits"):
            logits: Logits = model.logits
            return logits

        def scored(x: FloatArray, c: FloatArray) -> FloatArray:
            if seed is None or params.uncertainty == 0.0:
                score = model.mean(x, c)
            elif params.exploration == "ucb":
                score = model.optimistic(x, c, params.uncertainty)
            else:
                # The same draw of the model for all categories of the day.
                one = np.random.Generator(np.random.Philox(key=[seed, 1]))
                score = model.drawn(x, c, one, params.uncertainty)
            spread = score.std(axis=1, keepdims=True)
            score -= score.mean(axis=1, keepdims=True)
            return params.sharpness * score / np.where(spread > 1e-12, spread, 1.0)

        return scored

    def _reward(self) -> Reward:
        params = self.params
        return Reward(
            params.sale_weight, params.satisfaction_weight, params.trust_weight, params.horizon_days
        )

    def _reward_model(
        self, features: FloatArray, contexts: FloatArray, rewards: FloatArray, seed: int
    ) -> LinearBandit | NeuralLinearBandit:
        if self.params.model == "neural":
            from models.bandits.neural_linear import NeuralLinearBandit

            neural = NeuralLinearBandit(LISTING_FEATURES, CONTEXT_FEATURES)
            neural.fit(features, contexts, rewards, seed=seed)
            return neural
        from models.bandits.linear import LinearBandit

        linear = LinearBandit(LISTING_FEATURES, CONTEXT_FEATURES)
        linear.update(features, contexts, rewards)
        return linear

    def _gradient(self, days: list[_Day]) -> SlateGradient:
        from models.bandits.slate_gradient import LoggedSlates, SlateGradient

        weights = np.zeros((LISTING_FEATURES, CONTEXT_FEATURES))
        weights[SOLD, 0] = self.params.sharpness
        policy, logged = SlateGradient(weights), []
        for slates, came, counts in days:
            places = np.arange(slates.slate.shape[1])
            seen = (places < came.depth[:, None]) & (slates.slate >= 0)
            for rows, pool in slates.pools():
                rows = rows[counts[rows]]
                shown = np.where(seen[rows], np.searchsorted(pool, slates.slate[rows]), -1)
                logged.append(
                    LoggedSlates(
                        slates.features[pool],
                        slates.contexts[rows],
                        shown,
                        slates.log_probability[rows],
                        came.earned[rows],
                    )
                )
        policy.fit(logged, learning_rate=0.01, cap=self.params.clip, precision=0.01)
        return policy

    def _valued(
        self,
        reward_model: LinearBandit | NeuralLinearBandit,
        training: list[_Day],
        days: list[_Day],
    ) -> dict[str, float]:
        from policies.recommendation.bandit_value import value_of

        found = value_of(self.candidate(), reward_model.mean, training, days, self.params.clip)
        return {
            "held_out_sessions": float(sum(int(counts.sum()) for _, _, counts in days)),
            "effective_sessions": found.ips.effective_size,
            "clipped": found.ips.clipped,
            "mean_weight": found.mean_weight,
            "value_logged": found.logged,
            "value_ips": found.ips.value,
            "value_ips_low": found.ips.low,
            "value_ips_high": found.ips.high,
            "value_snips": found.snips.value,
            "value_snips_low": found.snips.low,
            "value_snips_high": found.snips.high,
            "value_dr": found.dr.value,
            "value_dr_low": found.dr.low,
            "value_dr_high": found.dr.high,
        }

    def _forget(self, observation: LearningObservation) -> None:
        """Drop slates that no training will look at, or of which the log knows nothing any more."""
        log = observation.log
        oldest = observation.day - self.params.window_days - self.params.horizon_days
        first = int(log.day[0]) if len(log.day) else observation.day
        self._slates = [one for one in self._slates if one.day >= max(oldest, first)]

    def _remember_buyers(self, log: InteractionLog, listings: ListingsView) -> None:
        rows = np.flatnonzero(log.bought)
        reference = listings.category_reference_price[listings.category[log.listing[rows]]]
        level = np.log(np.maximum(log.price[rows], 1) / np.maximum(reference, 1))
        self._buyers, which = np.unique(log.visitor[rows], return_inverse=True)
        count = np.maximum(np.bincount(which, minlength=len(self._buyers)), 1)
        self._price_level = np.bincount(which, weights=level, minlength=len(self._buyers)) / count


def _examples(days: list[_Day]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Listings (E, 12), contexts (E, 3) and rewards (E,) of the places seen."""
    columns: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for slates, came, counts in days:
        session, place = np.nonzero(came.looked_at & counts[:, None])
        listing = slates.slate[session, place]
        columns.append(
            (slates.features[listing], slates.contexts[session], came.earned[session, place])
        )
    if not columns:
        return np.empty((0, LISTING_FEATURES)), np.empty((0, CONTEXT_FEATURES)), np.empty(0)
    x, c, reward = (np.concatenate(column) for column in zip(*columns, strict=True))
    return x, c, reward
