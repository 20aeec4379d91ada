import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.text_search import BM25Config, BM25Index, tokens

DOCUMENTS = [
    "Copper kettle 1.5 l Hestia",
    "Steel kettle 2 l Arbor",
    "Café crème machine",
    "",
    "Copper pan",
]


@pytest.fixture
def index() -> BM25Index:
    return BM25Index(DOCUMENTS)


def test_the_document_with_both_words_comes_first(index: BM25Index) -> None:
    found, scores = index.top_k(["copper kettle"], 3)
    assert found[0, 0] == 0
    assert set(found[0, 1:].tolist()) == {1, 4}
    assert (np.diff(scores[0]) <= 0).all()


def test_case_and_compatibility_forms_do_not_matter(index: BM25Index) -> None:
    assert tokens("CAFÉ ﬁne") == tokens("café fine")
    assert index.top_k(["CAFÉ"], 1)[0][0, 0] == 2


def test_places_without_a_match_are_padded(index: BM25Index) -> None:
    found, scores = index.top_k(["machine", "unknown words", ""], 4)
    assert found[0].tolist() == [2, -1, -1, -1]
    assert (found[1:] == -1).all()
    assert (scores[1:] == 0).all()


def test_ties_go_to_the_smaller_id() -> None:
    found, _ = BM25Index(["red pen", "red pen", "red pen"]).top_k(["pen"], 3)
    assert found[0].tolist() == [0, 1, 2]


def test_an_index_of_nothing_finds_nothing() -> None:
    found, _ = BM25Index([]).top_k(["kettle"], 2)
    assert found.tolist() == [[-1, -1]]


def test_k_must_be_positive(index: BM25Index) -> None:
    with pytest.raises(ValueError, match="k"):
        index.top_k(["kettle"], 0)


def test_scores_are_those_of_the_formula() -> None:
    # Three documents of 2, 1 and 3 words, 2 on average; "pen" is in two, twice in the last.
    found, scores = BM25Index(["red pen", "ink", "pen blue pen"]).top_k(["pen"], 3)
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    first = idf * 2 / (2 + 1.5 * (0.25 + 0.75 * 3 / 2))
    second = idf * 1 / (1 + 1.5 * (0.25 + 0.75 * 2 / 2))
    assert found[0].tolist() == [2, 0, -1]
    assert scores[0] == pytest.approx([first, second, 0.0])


def test_constants_are_those_of_the_settings() -> None:
    documents = ["pen", "pen and a great many other words"]
    _, alike = BM25Index(documents, BM25Config(b=0.0)).top_k(["pen"], 2)
    assert alike[0, 0] == alike[0, 1]
    _, by_length = BM25Index(documents, BM25Config(b=1.0)).top_k(["pen"], 2)
    assert by_length[0, 0] > by_length[0, 1]


def test_the_order_of_the_words_does_not_matter(index: BM25Index) -> None:
    found, scores = index.top_k(["copper kettle l hestia", "l hestia kettle copper"], 5)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(scores[0], scores[1])


def test_accents_do_not_matter(index: BM25Index) -> None:
    assert tokens("Ñandú Straße CAFÉ-1,5 L") == ["nandu", "strasse", "cafe", "1", "5", "l"]
    assert index.top_k(["cafe creme"], 1)[0][0, 0] == 2


def test_scripts_without_spaces_are_searched_by_character() -> None:
    assert tokens("红茶 100g きtea") == ["红", "茶", "100g", "き", "tea"]
    assert tokens("한국 차") == ["한국", "차"]
    found, _ = BM25Index(["绿茶", "红茶叶", "咖啡"]).top_k(["红茶"], 3)
    assert found[0].tolist() == [1, 0, -1]


def test_one_text_is_not_taken_for_many(index: BM25Index) -> None:
    with pytest.raises(ValueError, match="queries: a sequence of texts is needed"):
        index.top_k("kettle", 1)
    with pytest.raises(ValueError, match="documents: position 1 is None, not a text"):
        BM25Index(["kettle", None])


@pytest.mark.slow
def test_results_do_not_depend_on_the_hash_seed() -> None:
    """The library numbers words by the order of a set, which must not be felt."""
    program = (
        "from models.text_search import BM25Index\n"
        "texts = [f'w{i % 7} w{i % 11} w{i % 13} v{i}' for i in range(300)]\n"
        "found, scores = BM25Index(texts).top_k(['w1 w2 w3 v5', 'w6 w12'], 50)\n"
        "print(found.tobytes().hex(), scores.tobytes().hex())\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
