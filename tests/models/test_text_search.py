import numpy as np
import pytest

from models.text_search import BM25Index, tokens

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
