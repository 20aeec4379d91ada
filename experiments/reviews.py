"""What a run's reviews say: sentiment, aspects by merchants' size, and shops that stand out.

Reviews are read as a platform would read them, bought ones among them: by a lexicon, and by a
fine-tuned language model where one is given. Both are held against the stars.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from experiments.reporting.gains import SIZES
from experiments.run_folder import RunData
from models.sentiment import ASPECTS, NEUTRAL, aspect_sentiment, cohen_kappa, polarity
from models.weight_files import ModelFileError
from policies.fraud.complaint_rate import wilson_lower_bound
from scenarios.atomic import refuse_unwritable

FALSE_ALERTS = 0.05
"""Chance that any shop is named in a market whose shops are all alike, at most (Bonferroni)."""

FEWEST = 5
"""Reviews that a shop needs before it is named."""

SHOPS = 10
"""Shops that are named at most."""

HELD_OUT = 0.2
"""Share of the texts that an adapter is tested on and not trained on."""

NEGATIVE, POSITIVE = 2, 4
"""A review is negative up to so many stars, and positive from so many on."""


class ReviewsError(ValueError):
    """Reviews that cannot be read as asked."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How one reader of reviews agrees with their stars, three stars left out."""

    reader: str  # lexicon or adapter
    reviews: int
    accuracy: float  # share of reviews that it finds on the stars' side of neutral
    kappa: float  # the same beyond chance
    correlation: float  # of its score with the stars, three among them


@dataclass(frozen=True, slots=True)
class Grievance:
    """How merchants of one size fare in reviews on one aspect."""

    size: str
    aspect: str
    mentions: int  # reviews that speak of it
    negative: float  # share of these that speak ill of it
    sentiment: float  # their mean, -1 to 1


@dataclass(frozen=True, slots=True)
class Alert:
    """A shop whose reviews speak ill of an aspect more often than the market's, beyond chance."""

    merchant: int
    size: str
    aspect: str
    reviews: int  # of the shop
    negative: int  # of these, ill of this aspect
    at_least: float  # lower end of Wilson's interval for their share
    market: float  # share of all reviews that speak ill of this aspect


@dataclass(frozen=True, slots=True)
class ReviewsRead:
    """All of it. Empty lists where there are no reviews."""

    reviews: int
    agreement: list[Agreement]
    between: float | None  # Cohen's kappa of lexicon and adapter; None without an adapter
    grievances: list[Grievance]
    alerts: list[Alert]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What training an adapter on a run's reviews gave."""

    path: Path
    texts: int  # it was trained on
    held_out: int  # texts it was not trained on
    accuracy: float  # on these
    lexicon_accuracy: float  # on these


def read_reviews(data: RunData, adapter: Path | None = None, *, device: str = "cpu") -> ReviewsRead:
    """Read the reviews of a run.

    Args:
        data: the run's folder.
        adapter: folder of a sentiment adapter to read them with as well (extra `lm`).
        device: of PyTorch, for the adapter.

    Raises:
        ReviewsError: if the adapter or the language model cannot be used.
    """
    table = data.tables["reviews"]
    texts, number = _texts(data)
    lexicon = polarity(texts)
    stars = table["stars"].to_numpy()
    agreement = [_agreement("lexicon", lexicon[number], stars)]
    between = None
    if adapter is not None:
        tuned = _predicted(adapter, texts, device)
        agreement.append(_agreement("adapter", tuned[number], stars))
        between = cohen_kappa(tuned[number] > 0, lexicon[number] > 0)
    about = aspect_sentiment(texts).sentiment[number]
    sold = data.tables["orders"].drop_duplicates("listing").set_index("listing")["merchant"]
    merchant = table["listing"].map(sold).fillna(-1).to_numpy(dtype=np.int64)
    size = data.tables["merchants"].set_index("merchant")["size"].reindex(merchant).to_numpy()
    return ReviewsRead(
        len(table), agreement, between, _by_size(about, size), _alerts(about, merchant, size)
    )


def fit_adapter(data: RunData, folder: Path, *, seed: int = 1, device: str = "cpu") -> Fitted:
    """Train a sentiment adapter on a run's reviews, their stars as labels, and save it.

    Each text counts once; a text's label is the side of neutral on which its mean stars are. A
    fifth of the texts, drawn by `numpy.random.default_rng(seed)`, is held out.

    Raises:
        ReviewsError: if there are not ten texts of clear stars, the language model is missing, or
            `folder` is a file.
        OSError: if the folder cannot be written.
    """
    refuse_unwritable(folder)
    if folder.exists() and not folder.is_dir():
        raise ReviewsError(f"{folder}: is no folder; an adapter is saved into one")
    texts, number = _texts(data)
    stars = data.tables["reviews"]["stars"].to_numpy(dtype=float)
    mean = np.bincount(number, stars, len(texts)) / np.bincount(number, minlength=len(texts))
    clear = np.flatnonzero((mean <= NEGATIVE) | (mean >= POSITIVE))
    if len(clear) < 10:
        raise ReviewsError(
            f"{data.folder}: its reviews have {len(clear)} texts of clear stars; an adapter needs "
            "at least 10, so run longer"
        )
    order = np.random.default_rng(seed).permutation(clear)
    held_out = order[: round(HELD_OUT * len(order))]
    taught = order[len(held_out) :]
    label = (mean >= POSITIVE).astype(np.float64)
    from models.language.backbone import LanguageModelError, minilm
    from models.language.sentiment import SentimentAdapter
    from models.training.fitting import DeviceError

    try:
        adapter = SentimentAdapter(minilm(), device=device)
    except (LanguageModelError, DeviceError) as error:
        raise ReviewsError(str(error)) from None
    adapter.fit([texts[row] for row in taught], label[taught], seed=seed)
    asked = [texts[row] for row in held_out]
    positive = label[held_out] > 0
    return Fitted(
        adapter.save(folder),
        len(taught),
        len(held_out),
        float(((adapter.predict(asked) > 0.5) == positive).mean()),
        float(((polarity(asked) > 0) == positive).mean()),
    )


def _texts(data: RunData) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct texts that were written, and each review's place among them."""
    used, number = np.unique(data.tables["reviews"]["text"].to_numpy(), return_inverse=True)
    pool = data.texts.get("reviews", [])
    if len(used) and not 0 <= used[0] <= used[-1] < len(pool):
        raise ReviewsError(
            f"{data.folder / 'texts.json'}: reviews: has {len(pool)} texts, but reviews.parquet "
            f"names number {used[-1]}"
        )
    return [pool[one] for one in used], number.astype(np.int64)


def _predicted(folder: Path, texts: list[str], device: str) -> NDArray[np.float64]:
    """(T,) an adapter's chance of positive, stretched to -1 to 1."""
    from models.language.backbone import LanguageModelError, minilm
    from models.language.sentiment import SentimentAdapter
    from models.training.fitting import DeviceError

    try:
        adapter = SentimentAdapter.load(folder, minilm(), device=device)
    except (LanguageModelError, ModelFileError, DeviceError) as error:
        raise ReviewsError(str(error)) from None
    return 2.0 * adapter.predict(texts) - 1.0


def _agreement(
    reader: str, score: NDArray[np.float64], stars: NDArray[np.integer[Any]]
) -> Agreement:
    clear = (stars <= NEGATIVE) | (stars >= POSITIVE)
    says, truth = score[clear] > 0, stars[clear] >= POSITIVE
    varied = len(stars) > 1 and np.ptp(stars) > 0 and np.ptp(score) > 0
    return Agreement(
        reader,
        int(clear.sum()),
        float((says == truth).mean()) if clear.any() else float("nan"),
        cohen_kappa(says, truth),
        float(np.corrcoef(score, stars)[0, 1]) if varied else float("nan"),
    )


def _by_size(about: NDArray[np.float64], size: NDArray[np.float64]) -> list[Grievance]:
    rows = []
    for place, aspect in enumerate(ASPECTS):
        for label, name in enumerate(SIZES):
            said = about[(size == label) & np.isfinite(about[:, place]), place]
            if len(said):
                ill = float((said <= -NEUTRAL).mean())
                rows.append(Grievance(name, aspect, len(said), ill, float(said.mean())))
    return rows


def _alerts(
    about: NDArray[np.float64], merchant: NDArray[np.int64], size: NDArray[np.float64]
) -> list[Alert]:
    known = merchant >= 0
    if not known.any():
        return []
    ill = np.where(np.isfinite(about), about <= -NEUTRAL, False)[known]
    table = pd.DataFrame(ill, columns=list(ASPECTS)).groupby(merchant[known])
    negative, reviews = table.sum(), table.size()
    negative, reviews = negative[reviews >= FEWEST], reviews[reviews >= FEWEST]
    sure = float(norm.isf(FALSE_ALERTS / max(negative.size, 1)))
    size_of = pd.Series(size[known], index=merchant[known]).groupby(level=0).first()
    alerts = []
    for place, aspect in enumerate(ASPECTS):
        market = float(ill[:, place].mean())
        count = negative[aspect].to_numpy(dtype=np.float64)
        least = wilson_lower_bound(count, np.asarray(reviews, dtype=np.float64), sure)
        alerts += [
            Alert(
                int(reviews.index[row]),
                SIZES[int(size_of.iloc[row])],
                aspect,
                int(reviews.iloc[row]),
                int(count[row]),
                float(least[row]),
                market,
            )
            for row in np.flatnonzero(least > market).tolist()
        ]
    alerts.sort(key=lambda one: (one.market - one.at_least, one.merchant, one.aspect))
    return alerts[:SHOPS]
