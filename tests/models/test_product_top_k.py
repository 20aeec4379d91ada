"""The sieve and the exact scores give the k best dot products, whatever the sieve computes in."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import product_top_k
from models.histories import Histories
from models.interactions import Interactions
from models.product_top_k import top_k_by_product
from models.retrieval import retriever
from models.retrieval.bpr import Bpr, BprConfig


def expected(users, items, bias, known, k):
    """By all scores, each computed as a pair's, sorted as a whole."""
    scores = torch.stack([(one * items).sum(dim=1) for one in users]) + bias
    best = np.full((len(users), k), -1)
    for row, line in enumerate(scores.numpy()):
        barred = set(known.items[known.starts[row] : known.starts[row + 1]].tolist())
        order = sorted(set(range(len(line))) - barred, key=lambda item: (-line[item], item))[:k]
        best[row, : len(order)] = order
    return best


@pytest.fixture(params=["bfloat16", "float32"])
def sieve(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    coarse = request.param == "bfloat16"
    monkeypatch.setattr(product_top_k, "multiplies_bfloat16", lambda device: coarse)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n_items=st.integers(1, 700),
    size=st.integers(1, 9),
    k=st.integers(1, 12),
    coarse=st.booleans(),
    spread=st.sampled_from([0.0, 0.01, 1.0, 30.0]),
    shift=st.sampled_from([-50.0, 0.0, 5.0]),
)
def test_the_best_are_found_whatever_the_numbers(
    seed: int, n_items: int, size: int, k: int, coarse: bool, spread: float, shift: float
) -> None:
    """Also where scores tie, lie close together, are all negative, or where nearly all is known."""
    draw = torch.Generator().manual_seed(seed)
    users = torch.randn(7, size, generator=draw)
    items = torch.randn(n_items, size, generator=draw) * spread
    items[::3] = items[0].clone()
    bias = torch.randn(n_items, generator=draw) * 0.1 + shift
    rng = np.random.default_rng(seed)
    taken = [rng.permutation(n_items)[: rng.integers(0, n_items + 1)] for _ in range(7)]
    known = Histories.of(taken, n_items)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product_top_k, "multiplies_bfloat16", lambda device: coarse)
        found = top_k_by_product(users, items, k, bias=bias, known=known)
    assert np.array_equal(found, expected(users, items, bias, known, k))


def test_blocks_and_threads_change_nothing(sieve: None, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = torch.Generator().manual_seed(1)
    users, items = torch.randn(900, 16, generator=draw), torch.randn(3000, 16, generator=draw)
    whole = top_k_by_product(users, items, 10)
    assert np.array_equal(top_k_by_product(users, items, 10, threads=2), whole)
    monkeypatch.setattr(product_top_k, "_SCORES_A_BLOCK", 100_000)
    assert np.array_equal(top_k_by_product(users, items, 10, threads=2), whole)
    reference = expected(users[:40], items, torch.zeros(3000), Histories.of([[]] * 40, 3000), 10)
    assert np.array_equal(whole[:40], reference)


def test_a_model_of_vectors_ranks_alike_by_the_sieve_and_by_all_scores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    log = Interactions.of(rng.integers(0, 60, 900), rng.integers(0, 200, 900), n_items=200)
    model = Bpr(BprConfig(factors=6, epochs=4))
    model.fit(log)
    pool = np.arange(3, 180)
    asked = np.arange(62)
    by_scores = [model.top_k(asked, 9), model.top_k(asked, 9, candidates=pool)]
    monkeypatch.setattr(retriever, "_LARGE_POOL", 1)
    by_sieve = [model.top_k(asked, 9), model.top_k(asked, 9, candidates=pool, threads=2)]
    assert np.array_equal(by_scores, by_sieve)


def test_what_cannot_be_ranked_is_refused() -> None:
    table = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="must be"):
        top_k_by_product(table, torch.zeros(3, 4), 2)
    with pytest.raises(ValueError, match="not finite"):
        top_k_by_product(table, table / 0.0, 2)
    with pytest.raises(ValueError, match="but there are 3 items"):
        top_k_by_product(table, table, 2, bias=torch.zeros(2))
    with pytest.raises(ValueError, match="known: 1 rows over 3 items"):
        top_k_by_product(table, table, 2, known=Histories.of([[0]], 3))
