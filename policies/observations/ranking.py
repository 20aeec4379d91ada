"""What rankings are shown: steering, recommendation, re-ranking and search."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import BoolArray, FloatArray, IntArray
from policies.observations.commerce import ListingsView, SessionsView


@dataclass(frozen=True, slots=True)
class SteeringObservation:
    """Handed to the platform's steering once a day, after merchants have set their prices."""

    day: int
    listings: ListingsView
    own_brand: BoolArray  # (L,) sold by the platform itself
    seed: int = 0  # of this policy's own stream today, for deciding between equals


@dataclass(frozen=True, slots=True)
class Steering:
    """Which listings consumers may come across today, and which come first."""

    shown: BoolArray  # (L,) False: neither recommended nor found
    first: BoolArray  # (L,) moved to the top of slates and results, in their order


@dataclass(frozen=True, slots=True)
class Prominence:
    """What sellers know of the platform's steering: how many of them are shown, by what rule."""

    shown: int = 0  # the cheapest of a category that are shown; 0: all
    keeps: bool = False  # the one shown keeps its place until it raises its price or is undercut
    tolerance: float = 0.0  # by how much it may be undercut, share of its price


@dataclass(frozen=True, slots=True)
class RecommendationObservation:
    """Handed to a recommender: who comes, what is on sale, how long a slate to fill."""

    day: int
    sessions: SessionsView
    listings: ListingsView
    slate_size: int  # K
    seed: int = 0  # of this policy's own stream today, for whoever explores
    earnings: FloatArray | None = None  # (L,) cents of commission that a sale brings the platform
    predicted_rating: FloatArray | None = None
    """(S, L) stars that the platform's model predicts; nan: bought, and wanted once only. None:
    it has no such model."""


@dataclass(frozen=True, slots=True)
class ScoredSlates:
    """What a recommender may answer: its listings with its scores, for whoever ranks them anew."""

    listing: IntArray  # (S, C) best first, -1 padded
    score: FloatArray  # (S, C) higher is better, comparable within a session


@dataclass(frozen=True, slots=True)
class Explanations:
    """What scores are made of: R parts, those of one pair of session and listing add up to it."""

    pair: IntArray  # (R,) which of the pairs asked for
    part: tuple[str, ...]  # (R,) what speaks for the listing, or against it
    about: IntArray  # (R,) the listing taken before that it follows from; -1: none
    value: FloatArray  # (R,) in the score's unit


@dataclass(frozen=True, slots=True)
class RerankingObservation:
    """Handed to a re-ranking: what the recommender would show, and how much each was shown.

    C is the slate's size times the depth that the policy asks for.
    """

    day: int
    sessions: SessionsView
    listings: ListingsView
    slate_size: int  # K
    candidates: IntArray  # (S, C) the recommender's listings on sale, best first, -1 padded
    scores: FloatArray | None  # (S, C) its scores; None: it gives an order alone
    exposure_recently: FloatArray  # (L,) sum of 1 / log2(rank + 1), weighted over about four weeks
    seed: int = 0  # of this policy's own stream today


@dataclass(frozen=True, slots=True)
class SearchObservation:
    """Handed to a search ranking; sessions without a query expect a row of -1."""

    day: int
    sessions: SessionsView
    listings: ListingsView
    result_size: int  # K
