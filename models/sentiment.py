"""Sentiment and aspects of short reviews, by lexicons: cheap enough for every day of a market.

Sentiment is VADER's compound score, by the library `vaderSentiment`. A text is cut into clauses; a
clause speaks of the aspects whose words are in it, with the sentiment of its own words, or where
these say nothing, with that of the whole text.

Source: Hutto & Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of
Social Media Text", ICWSM; aspects by lexicons and clauses: Hu & Liu (2004), "Mining and Summarizing
Customer Reviews", KDD; agreement: Cohen (1960), "A Coefficient of Agreement for Nominal Scales",
Educational and Psychological Measurement 20(1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models.array_checks import FloatArray, check_same_length

BoolArray = npt.NDArray[np.bool_]

ASPECTS = ("quality", "delivery", "price", "service", "authenticity")

NEUTRAL = 0.05
"""Compound scores nearer to 0 say neither good nor bad; the threshold that VADER's authors give."""

_WORDS = {
    "quality": "quality|works?|working|worked|broken?|flaws?|flawed|defects?|defective|durable"
    "|sturdy|cheaply made|made|described|description|photos?|screen|battery|sound|materials?"
    "|fits?|used|job",
    "delivery": "deliver(?:y|ed|ies|s)?|arriv(?:e|es|ed|al)|ship(?:ped|ping|ment)?|courier"
    "|parcels?|late|waits?|waited|waiting|on time|promised time|sooner|later|at my door|packed"
    "|dispatch(?:ed)?",
    "price": "priced?|prices|pricing|costs?|cheap|cheaper|expensive|dear|overpriced|discounts?"
    "|bargain|worth|paid|pay|savings?|value|money|penny|offers?",
    "service": "service|support|refund(?:ed)?|warranty|repl(?:y|ied)|answered|staff|sellers?"
    "|customers?|return(?:ed)?",
    "authenticity": "fakes?|counterfeits?|imitations?|genuine|original|cop(?:y|ies)|authentic"
    "|real thing|logo|maker|sealed|knock-?offs?|label",
}
"""What speaks of an aspect: words and phrases in lower case, as regular expressions."""

_CLAUSE = re.compile(r"[.!?;]+|,? but |,? however,? |,? although |,? though ")


@dataclass(frozen=True, slots=True)
class AspectSentiment:
    """What n texts say of the A aspects of `ASPECTS`."""

    mentioned: BoolArray  # (n, A)
    sentiment: FloatArray  # (n, A) in [-1, 1]; nan where it is not mentioned


def polarity(texts: Sequence[str]) -> FloatArray:
    """(n,) VADER's compound score of each text: -1 wholly negative, 0 neutral, 1 wholly positive.

    Raises:
        ValueError: if `texts` is one text, or holds something else than texts.
    """
    _check(texts)
    analyser = _vader()
    return np.array([analyser.polarity_scores(text)["compound"] for text in texts], dtype=float)


def aspect_sentiment(texts: Sequence[str]) -> AspectSentiment:
    """What each text says of each aspect; the mean where several clauses speak of one.

    Raises:
        ValueError: if `texts` is one text, or holds something else than texts.
    """
    whole = polarity(texts)
    total = np.zeros((len(texts), len(ASPECTS)))
    clauses = np.zeros((len(texts), len(ASPECTS)), dtype=np.int64)
    for row, text in enumerate(texts):
        for clause in clauses_of(text):
            about = aspects_of(clause)
            if not about.any():
                continue
            own = _vader().polarity_scores(clause)["compound"]
            total[row, about] += own if abs(own) >= NEUTRAL else whole[row]
            clauses[row, about] += 1
    mentioned = clauses > 0
    mean = np.divide(total, clauses, where=mentioned, out=np.full(total.shape, np.nan))
    return AspectSentiment(mentioned, mean)


def clauses_of(text: str) -> list[str]:
    """The clauses of a text: what stands between full stops, semicolons, "but" and the like."""
    return [part.strip() for part in _CLAUSE.split(text) if part.strip(" ,'\"")]


def aspects_of(clause: str) -> BoolArray:
    """(A,) whether a clause has a word about each aspect."""
    return np.array([bool(words.search(clause.lower())) for words in _words()])


def cohen_kappa(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Agreement of two labellings beyond chance: 1 perfect, 0 as by chance.

    Args:
        one: (n,) labels, of any kind that can be compared.
        other: (n,) labels of the same kind.

    Returns:
        Cohen's kappa; nan without rows, or where both give one and the same label throughout.

    Raises:
        ValueError: if their lengths differ.
    """
    left, right = np.asarray(one), np.asarray(other)
    check_same_length(one=left, other=right)
    if len(left) == 0:
        return float("nan")
    _, code = np.unique(np.concatenate([left, right]), return_inverse=True)
    kinds = int(code.max()) + 1
    first, second = code[: len(left)], code[len(left) :]
    by_chance = (
        float(np.bincount(first, minlength=kinds) @ np.bincount(second, minlength=kinds))
        / len(left) ** 2
    )
    if by_chance == 1.0:
        return float("nan")
    return (float((first == second).mean()) - by_chance) / (1.0 - by_chance)


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


@cache
def _words() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"\b(?:{_WORDS[aspect]})\b") for aspect in ASPECTS)


def _check(texts: Sequence[str]) -> None:
    if isinstance(texts, str):
        raise ValueError(f"texts: a sequence of texts is needed, got the one text {texts!r}")
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"texts: position {place} is {text!r}, not a text")
