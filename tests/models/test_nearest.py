"""Items found by an index, held against the exact ranking."""

import numpy as np
import pytest
import torch

from models.nearest import NearestError, NearestItems
from models.product_top_k import top_k_by_product


def clustered(rows: int, seed: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    centres = torch.randn(20, 8, generator=torch.Generator().manual_seed(99))
    return centres[torch.arange(rows) % 20] + 0.3 * torch.randn(rows, 8, generator=draw)


def test_exact_is_the_exact_ranking() -> None:
    users, items, bias = clustered(30, 1), clustered(900, 2), torch.linspace(0, 1, 900)
    nearest = NearestItems(items, bias=bias)
    assert np.array_equal(nearest.top_k(users, 5), top_k_by_product(users, items, 5, bias=bias))
    assert nearest.recall_of(users, 5) == 1.0


@pytest.mark.parametrize("method", ["ivf", "hnsw"])
def test_an_index_that_visits_more_finds_more(method: str) -> None:
    pytest.importorskip("faiss")
    users, items, bias = clustered(60, 1), clustered(3000, 2), torch.linspace(0, 1, 3000)
    few, many = (
        NearestItems(items, bias=bias, method=method, visited=visited).recall_of(users, 10)
        for visited in (1, 76)
    )
    assert many > 0.95
    assert few < many


@pytest.mark.parametrize("method", ["ivf", "hnsw"])
def test_what_is_found_is_ranked_by_its_exact_scores(method: str) -> None:
    pytest.importorskip("faiss")
    users, items = clustered(20, 3), clustered(2000, 4)
    found = NearestItems(items, method=method, visited=40).top_k(users, 6)
    scores = np.take_along_axis((users @ items.T).numpy(), found.astype(int), axis=1)
    assert (np.diff(scores, axis=1) <= 1e-5).all()
    assert all(len(set(row)) == 6 for row in found.tolist())


def test_where_there_are_fewer_items_the_rest_is_padding() -> None:
    pytest.importorskip("faiss")
    found = NearestItems(clustered(4, 5), method="hnsw").top_k(clustered(3, 6), 6)
    assert (np.sort(found, axis=1)[:, 2:] == np.arange(4)).all()
    assert (found[:, 4:] == -1).all()


def test_other_methods_are_refused() -> None:
    with pytest.raises(NearestError, match="'lsh' is not one of exact, ivf, hnsw"):
        NearestItems(clustered(4, 5), method="lsh")  # type: ignore[arg-type]
