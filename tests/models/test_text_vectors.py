"""Texts as vectors: near each other where they speak of the same."""

from collections import Counter

import numpy as np
import pytest

from models.text_vectors import DENSE_BELOW, TextVectors

DOCUMENTS = ("red wool sweater", "blue wool sweater", "steel pan", "iron pan", "steel pot with lid")


def test_texts_about_the_same_are_nearer_also_without_a_common_word() -> None:
    vectors = TextVectors.of(DOCUMENTS, 2)
    near = vectors.vectors(["wool", "iron", "pot"]) @ vectors.vectors(DOCUMENTS).T
    assert near[0, :2].min() > near[0, 2:].max() + 0.5
    assert near[2, 3] > 0.5
    assert near[2, 3] > near[2, 1] + 0.5


def test_vectors_have_length_one_and_unknown_words_say_nothing() -> None:
    placed = TextVectors.of(DOCUMENTS, 3).vectors(["a red PAN", "xyz", ""])
    assert placed.dtype == np.float32
    assert np.linalg.norm(placed, axis=1) == pytest.approx([1.0, 0.0, 0.0], abs=1e-6)


def test_a_truncated_decomposition_keeps_what_a_whole_one_keeps() -> None:
    """Above a size, the leading axes come from an iterative solver: same cosines."""
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in rng.zipf(1.6, 6) % 900) for _ in range(2 * DENSE_BELOW)]
    vectors = TextVectors.of(texts, 8)
    weighted = vectors._weighted([Counter(text.split()) for text in texts])
    right = np.linalg.svd(weighted.toarray().astype(float), full_matrices=False)[2][:8]
    whole = weighted @ right.T
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    placed = vectors.vectors(texts)
    np.testing.assert_allclose(placed @ placed.T, whole @ whole.T, atol=1e-3)
    assert TextVectors.of(texts, 8).vectors(texts).tobytes() == placed.tobytes()


def test_fewer_dimensions_than_asked_for_are_padded_and_no_documents_are_no_error() -> None:
    assert TextVectors.of(["one two"], 5).vectors(["one"]).shape == (1, 5)
    assert TextVectors.of([], 4).vectors(["one"]).tolist() == [[0.0] * 4]


def test_one_text_instead_of_several_is_refused() -> None:
    with pytest.raises(ValueError, match="a sequence of texts"):
        TextVectors.of("red", 2)
    with pytest.raises(ValueError, match="size"):
        TextVectors.of(DOCUMENTS, 0)
