"""Trainings of the recommender beside the truth, and why some were shown what they were."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.numerals import number
from experiments.run_folder import RunData, listings_named

MOST_TRAININGS = 12
"""Trainings in the table, the last ones."""

FAMILY = "recommendation."

HELD_OUT = ("ndcg", "recall", "calibration", "coverage")
"""Of what a training reports, what the table tells."""

PARTS = {
    "category": "what listings of its category are worth on average",
    "price": "its price",
    "rating": "its ratings",
    "sales before": "what it sold before the log began",
    "own record": "how often it was bought when it was seen",
    "price level": "the prices that the consumer is used to",
    "taken before": "the consumer bought it before",
    "model": "what the model thinks of it without any purchase",
    "earlier purchases": "older purchases",
    "purchase": "purchases",
    "predicted stars": "the stars that the consumer is expected to give",
    "sold recently": "units sold recently (nothing was learned yet)",
}
"""Parts of scores in words; what a policy of one's own names otherwise is told as it is."""

SMALLEST = 0.005
"""Parts below are left out of the sentence, and their sum told as the rest."""

PURCHASES_TOLD = 3
"""Purchases of a consumer that are named one by one, those that count most."""


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One training: on what it held out, and what slates were worth in truth the day after.

    A run that ended with the training has no day after: the truth is a dash.
    """

    day: int
    held_out: tuple[str, ...]  # in the order of `HELD_OUT`
    true_ndcg: str
    regret: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score."""

    text: str
    value: str


@dataclass(frozen=True, slots=True)
class ExplainedListing:
    """A listing on a slate, and what its score is made of."""

    place: int  # from 1
    title: str
    score: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ExplainedConsumer:
    """One consumer's slate, as far as it is explained."""

    consumer: int
    listings: tuple[ExplainedListing, ...]


def trainings(data: RunData) -> tuple[TrainingRow, ...]:
    """The recommender's trainings, the latest ones, beside the hidden truth."""
    table, names = data.tables["learning"], data.texts["learning"]
    wanted = {f"{FAMILY}{name}" for name in HELD_OUT}
    told_of = {
        (int(day), names[metric]): value
        for day, metric, value in table[["day", "metric", "value"]].itertuples(index=False)
    }
    own = table[table["metric"].map(lambda at: names[at] in wanted).astype(bool)]
    return tuple(
        TrainingRow(
            day=day,
            held_out=tuple(
                _told(told_of.get((day, f"{FAMILY}{name}"), np.nan)) for name in HELD_OUT
            ),
            true_ndcg=_told(told_of.get((day + 1, "truth.ndcg"), np.nan)),
            regret=_told(told_of.get((day + 1, "truth.slate_regret"), np.nan)),
        )
        for day in np.unique(own["day"]).tolist()[-MOST_TRAININGS:]
    )


def explained(data: RunData) -> tuple[ExplainedConsumer, ...]:
    """Slates of the last day, each listing with the parts of its score, the largest first."""
    table, parts = data.tables["explanations"], data.texts["explanations"]
    named = listings_named({name: table[name] for name in ("listing", "about")})
    titles = dict(zip(named.tolist(), data.texts["explained"], strict=True))
    found = []
    for consumer in np.unique(table["consumer"]).tolist():
        slate = table[table["consumer"] == consumer]
        listings = []
        for place in np.unique(slate["place"]).tolist():
            rows = slate[slate["place"] == place]
            listings.append(
                ExplainedListing(
                    place=place + 1,
                    title=titles[int(rows["listing"].iloc[0])],
                    score=number(float(rows["score"].iloc[0])),
                    reasons=_reasons(rows, parts, titles),
                )
            )
        found.append(ExplainedConsumer(consumer, tuple(listings)))
    return tuple(found)


def _reasons(rows: pd.DataFrame, parts: list[str], titles: dict[int, str]) -> tuple[Reason, ...]:
    """Parts of one score in words; they add up to it."""
    by_purchase: dict[tuple[int, int], float] = defaultdict(float)
    for part, about, value in rows[["part", "about", "value"]].itertuples(index=False):
        by_purchase[part, about] += value
    purchases = [one for one in by_purchase if one[1] >= 0]
    largest = sorted(purchases, key=lambda one: -abs(by_purchase[one]))[:PURCHASES_TOLD]
    told = [
        (f"{_in_words(parts[part])}: {titles[about]}", by_purchase[part, about])
        for part, about in largest
    ]
    told += [(_in_words(parts[one[0]]), by_purchase[one]) for one in by_purchase if one[1] < 0]
    told = sorted((one for one in told if abs(one[1]) >= SMALLEST), key=lambda one: -abs(one[1]))
    rest = sum(by_purchase.values()) - sum(value for _, value in told)
    if abs(rest) >= SMALLEST:
        told.append(("all else", rest))
    return tuple(Reason(text, f"{value:+.2f}") for text, value in told)


def _in_words(part: str) -> str:
    return PARTS.get(part, part)


def _told(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"
