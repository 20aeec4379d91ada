"""The fine-tuned language model on real texts: sentiment, few examples, a new category, ranking.

python -m benchmarks.language --data FOLDER
python -m benchmarks.language --data FOLDER --parts few_shot transfer

FOLDER holds the labelled texts (`benchmarks/labelled_texts.py` says which). Needs the extra `lm`;
"shelves" needs the extra `data`, "films" MovieLens-100k; "searches" runs a market. Splits are drawn
by `numpy.random.default_rng(1)`. Seconds are the processor's, of one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.labelled_texts import (
    Labelled,
    Together,
    films,
    sentences,
    shelves,
    snippets,
)
from benchmarks.market_searches import market_searches
from benchmarks.measuring import report_tables
from models.language.backbone import Backbone, minilm
from models.language.config import AdapterConfig, RankingConfig
from models.language.encoding import TextEncoder
from models.language.ranking import RankingAdapter
from models.language.sentiment import SentimentAdapter
from models.ranking_metrics import ranking_quality
from models.retrieval.popularity import Popularity
from models.sentiment import cohen_kappa, polarity
from models.text_search import BM25Index
from models.top_k import top_k_by_score
from sim.health.formulas import ndcg

PLACES = 10

HELD_OUT = 0.2
SHELVES_HELD_OUT = 0.25

FEW = (16, 64, 256)

SEED = 1
"""Of all splits and trainings."""

TRANSFER_EXAMPLES = 1400

SEARCH_PAIRS = 2000

FILM_PAIRS = 1500

Rows = Iterator[dict[str, Any]]


def sentiment(folder: Path, backbone: Backbone) -> Rows:
    """Accuracy on held-out texts, and how far lexicon and adapter agree there."""
    for name, all_of, config in (
        ("UCI sentences", sentences(folder), AdapterConfig(epochs=3)),
        ("rated snippets", snippets(folder), AdapterConfig(epochs=3)),
    ):
        training, test = split(len(all_of.texts), HELD_OUT, SEED)
        taught, asked = all_of.rows(training), all_of.rows(test)
        adapter = SentimentAdapter(backbone, config)
        began = time.process_time()
        report = adapter.fit(taught.texts, taught.label, seed=SEED)
        seconds = time.process_time() - began
        tuned, lexicon = adapter.predict(asked.texts) > 0.5, polarity(asked.texts) > 0
        yield {
            "texts": name,
            "training": len(training),
            "test": len(test),
            "vader": accuracy(lexicon, asked),
            "frozen": accuracy(frozen(backbone, taught, asked), asked),
            "lora": accuracy(tuned, asked),
            "kappa": round(cohen_kappa(tuned, lexicon), 3),
            "samples_a_second": round(report.steps * config.batch_size / seconds, 1),
        }


def few_shot(folder: Path, backbone: Backbone) -> Rows:
    """Accuracy on the same held-out sentences against the number of labelled examples."""
    all_of = sentences(folder)
    training, test = split(len(all_of.texts), HELD_OUT, SEED)
    asked = all_of.rows(test)
    for examples in FEW:
        taught = all_of.rows(training[:examples])
        adapter = SentimentAdapter(backbone)
        adapter.fit(taught.texts, taught.label, seed=SEED)
        yield {
            "examples": examples,
            "vader": accuracy(polarity(asked.texts) > 0, asked),
            "frozen": accuracy(frozen(backbone, taught, asked), asked),
            "lora": accuracy(adapter.predict(asked.texts) > 0.5, asked),
        }


def transfer(folder: Path, backbone: Backbone) -> Rows:
    """Accuracy on half of a product's texts, learned from the other products alone, and from all.

    Both see as many examples; "all" sees the products' other halves too.
    """
    all_of = snippets(folder)
    order = np.random.default_rng(SEED).permutation(len(all_of.texts))
    products = np.unique(all_of.category)
    place = np.zeros(len(order), dtype=np.int64)  # of a text among those of its product
    for product in products:
        own = order[all_of.category[order] == product]
        place[own] = np.arange(len(own))
    first_half = place % 2 == 0

    def taught(rows: npt.NDArray[np.int64]) -> SentimentAdapter:
        examples = all_of.rows(rows[:TRANSFER_EXAMPLES])
        adapter = SentimentAdapter(backbone, AdapterConfig(epochs=2))
        adapter.fit(examples.texts, examples.label, seed=SEED)
        return adapter

    by_all = taught(order[~first_half[order]])
    for product in products:
        is_own = all_of.category[order] == product
        asked = all_of.rows(order[is_own & first_half[order]])
        yield {
            "product": str(product),
            "test": len(asked.texts),
            "vader": accuracy(polarity(asked.texts) > 0, asked),
            "lora_others": accuracy(taught(order[~is_own]).predict(asked.texts) > 0.5, asked),
            "lora_all": accuracy(by_all.predict(asked.texts) > 0.5, asked),
        }


def ranked_shelves(_: Path, backbone: Backbone) -> Rows:
    """(query, item text): shelves that no training named, ranked by what was bought from them."""
    pairs = shelves()
    gain = pairs.gains()
    config = RankingConfig(epochs=2, max_tokens=32)
    known, unknown = split(len(pairs.queries), SHELVES_HELD_OUT, SEED)
    rows = np.isin(pairs.query, known)
    adapter = RankingAdapter(backbone, config)
    began = time.process_time()
    adapter.fit(pairs.queries, pairs.items, pairs.query[rows], pairs.item[rows], seed=SEED)
    seconds = time.process_time() - began
    asked = [pairs.queries[one] for one in unknown]
    plain = TextEncoder(backbone)
    untuned = plain.embed(asked) @ plain.embed(pairs.items).T
    # Kinds of products that no pair of the training names, so that even their texts are new.
    new = ~np.isin(np.arange(len(pairs.items)), pairs.item[rows])
    row: dict[str, Any] = {"shelves": len(unknown), "pairs": int(rows.sum())}
    for name, score in (
        ("bm25", bm25(pairs, asked)),
        ("minilm", untuned),
        ("lora", adapter.scores(asked, pairs.items)),
    ):
        row[name] = quality(score, gain[unknown])
        row[f"{name}_new_items"] = quality(score[:, new], gain[unknown][:, new])
    yield {**row, "fit_seconds": round(seconds, 1)}


def ranked_searches(_: Path, backbone: Backbone) -> Rows:
    """(query, item text) from a market's log: queries, or categories, that no training named."""
    pairs, category = market_searches()
    gain = pairs.gains()
    plain = TextEncoder(backbone)
    untuned = plain.embed(pairs.queries) @ plain.embed(pairs.items).T
    lexical = bm25(pairs, pairs.queries)
    rng = np.random.default_rng(SEED)
    held_out = {
        "queries": rng.random(len(pairs.queries)) < SHELVES_HELD_OUT,
        "categories": np.isin(category, rng.permutation(np.unique(category))[:3]),
    }
    for name, unknown in held_out.items():
        rows = rng.permutation(np.flatnonzero(~unknown[pairs.query]))[:SEARCH_PAIRS]
        adapter = RankingAdapter(backbone, RankingConfig(epochs=1, max_tokens=32))
        adapter.fit(pairs.queries, pairs.items, pairs.query[rows], pairs.item[rows], seed=SEED)
        yield {
            "held_out": name,
            "queries": int(unknown.sum()),
            "bm25": quality(lexical[unknown], gain[unknown]),
            "minilm": quality(untuned[unknown], gain[unknown]),
            "lora": quality(
                adapter.scores(
                    [pairs.queries[one] for one in np.flatnonzero(unknown)], pairs.items
                ),
                gain[unknown],
            ),
        }


def ranked_films(_: Path, backbone: Backbone) -> Rows:
    """(history, item text): each user's newest film out of all that she has not watched before."""
    log = films(FILM_PAIRS, SEED)
    adapter = RankingAdapter(backbone, RankingConfig(epochs=1, max_tokens=48))
    began = time.process_time()
    adapter.fit(log.before, log.items, np.arange(FILM_PAIRS), log.watched, seed=SEED)
    seconds = time.process_time() - began
    popular = Popularity()
    popular.fit(log.training)
    seen = log.training.matrix().toarray() > 0
    plain = TextEncoder(backbone)
    scores = {
        "chance": np.random.default_rng(SEED).random(seen.shape),
        "minilm": plain.embed(log.history) @ plain.embed(log.items).T,
        "lora": adapter.scores(log.history, log.items),
    }
    for name, score in scores.items():
        ranked = top_k_by_score(np.where(seen, -np.inf, score).astype(np.float32), PLACES)
        yield {"model": name, **newest_found(ranked, log.held_out)}
    ranked = popular.top_k(np.arange(log.training.n_users), PLACES)
    yield {"model": "popularity", **newest_found(ranked, log.held_out)}
    yield {"model": "lora", "pairs": FILM_PAIRS, "fit_seconds": round(seconds, 1)}


def newest_found(ranked: npt.NDArray[Any], held_out: Any) -> dict[str, float]:
    """NDCG and hit rate of the newest film among the places."""
    found = ranking_quality(ranked, held_out)
    return {"ndcg": round(found.ndcg, 4), "hit_rate": round(found.hit_rate, 4)}


def split(count: int, share: float, seed: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Rows to train on, and rows held out, by a permutation of the seed's generator."""
    order = np.random.default_rng(seed).permutation(count)
    held_out = round(share * count)
    return order[held_out:], order[:held_out]


def frozen(backbone: Backbone, taught: Labelled, asked: Labelled) -> npt.NDArray[np.bool_]:
    """A ridge classifier on the untuned model's vectors: what tuning is to be compared with."""
    encoder = TextEncoder(backbone)
    features = encoder.embed(taught.texts).astype(np.float64)
    target = 2.0 * taught.label - 1.0
    inner = features.T @ features + np.eye(encoder.size)
    weights = np.linalg.solve(inner, features.T @ (target - target.mean()))
    score = (encoder.embed(asked.texts) - features.mean(axis=0)) @ weights + target.mean()
    positive: npt.NDArray[np.bool_] = score > 0
    return positive


def bm25(pairs: Together, asked: list[str]) -> npt.NDArray[np.float64]:
    """(queries, items) scores of the text match; 0 without a common word."""
    ids, found = BM25Index(pairs.items).top_k(asked, len(pairs.items))
    score = np.zeros((len(asked), len(pairs.items)))
    for row, (places, values) in enumerate(zip(ids, found, strict=True)):
        score[row, places[places >= 0]] = values[places >= 0]
    return score


def quality(score: npt.NDArray[Any], gain: npt.NDArray[np.float64]) -> float:
    """Mean NDCG at PLACES, of queries that anything goes with."""
    some = gain.any(axis=1)
    top = np.argsort(-score[some], axis=1, kind="stable")[:, :PLACES]
    best = -np.sort(-gain[some], axis=1)[:, :PLACES]
    return round(float(np.mean(ndcg(np.take_along_axis(gain[some], top, axis=1), best))), 4)


def accuracy(positive: npt.NDArray[np.bool_], asked: Labelled) -> float:
    """Share of texts that are told right."""
    return round(float((positive == (asked.label > 0.5)).mean()), 3)


PARTS: dict[str, Callable[[Path, Backbone], Rows]] = {
    "sentiment": sentiment,
    "few_shot": few_shot,
    "transfer": transfer,
    "shelves": ranked_shelves,
    "searches": ranked_searches,
    "films": ranked_films,
}


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled texts")
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    backbone = minilm()
    result: dict[str, Any] = {}
    for name in arguments.parts:
        result[name] = []
        for row in PARTS[name](arguments.data, backbone):
            print(name, row, file=sys.stderr, flush=True)
            result[name].append(row)
    report_tables({"benchmark": "language", **result}, arguments.json)


if __name__ == "__main__":
    main()
