"""Fair re-ranking: what is guaranteed, and that it costs no more than it must."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from models.fairness.exposure import position_exposure
from models.fairness.reranking import fair_prefixes, least_favoured, with_bonus, with_share

PLACES = 4


def market(
    seed: int, rows: int = 30, width: int = 9
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.random.Generator]:
    """Candidates, utilities and a group that is worth less."""
    rng = np.random.default_rng(seed)
    candidates = np.stack([rng.permutation(50)[:width] for _ in range(rows)])
    favoured = candidates % 3 == 0
    utility = rng.random((rows, width)) + 0.5 * ~favoured
    return candidates, utility, favoured, rng


def group_share(slates: np.ndarray) -> float:
    attention = np.broadcast_to(position_exposure(np.arange(slates.shape[1])), slates.shape)
    return float(attention[slates % 3 == 0].sum() / attention[slates >= 0].sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 0.6))
def test_the_share_is_reached_and_hardly_more(seed: int, share: float) -> None:
    candidates, utility, favoured, rng = market(seed)
    without = with_bonus(candidates, utility, favoured, PLACES, 0.0)
    fair = with_share(candidates, utility, favoured, PLACES, share, rng)
    most = with_bonus(candidates, utility, favoured, PLACES, 1e3)
    assert fair.share == pytest.approx(group_share(fair.slates))
    assert fair.share >= min(share, group_share(most)) - 1e-6
    one_row = 1.0 / len(candidates)
    assert fair.share <= max(share, group_share(without)) + one_row


def test_a_share_costs_what_the_linear_programme_says() -> None:
    """The multiplier's rankings are as good as the best random ones of all rows together."""
    candidates, utility, favoured, rng = market(5, rows=12, width=5)
    rows, width = candidates.shape
    attention = np.zeros(width)
    attention[:PLACES] = position_exposure(np.arange(PLACES))
    chance = np.einsum("sc,p->scp", utility, attention).ravel()
    exposed = np.einsum("sc,p->scp", favoured.astype(float), attention).ravel()
    whole = np.eye(rows * width)
    once = np.concatenate(
        [np.kron(whole, np.ones(width)), np.kron(np.eye(rows), np.tile(np.eye(width), width))]
    )
    fair = with_share(candidates, utility, favoured, PLACES, 0.45, rng)
    assert fair.share == pytest.approx(0.45, abs=0.02)
    target = fair.share * rows * attention.sum()
    best = optimize.linprog(
        -chance, A_ub=-exposed[None], b_ub=[-target], A_eq=once, b_eq=np.ones(len(once)),
        bounds=(0, 1),
    )  # fmt: skip
    place = {(s, int(c)): i for s in range(rows) for i, c in enumerate(candidates[s])}
    got = sum(
        attention[p] * utility[s, place[s, int(fair.slates[s, p])]]
        for s in range(rows)
        for p in range(PLACES)
    )
    assert got == pytest.approx(-best.fun, rel=1e-6)


def test_where_all_rows_are_alike_only_some_of_them_are_changed() -> None:
    candidates = np.tile(np.arange(6), (100, 1))
    utility = np.tile(np.linspace(1.0, 0.5, 6), (100, 1))
    fair = with_share(candidates, utility, candidates == 5, 2, 0.1, np.random.default_rng(0))
    assert fair.share == pytest.approx(0.1, abs=0.01)
    assert 0 < (fair.slates == 5).any(axis=1).sum() < 100


def test_a_share_that_the_candidates_do_not_allow_is_approached() -> None:
    candidates = np.array([[1, 2, 3], [0, 4, 5], [-1, -1, -1]])
    utility = np.ones((3, 3))
    fair = with_share(candidates, utility, candidates == 3, 2, 0.9, np.random.default_rng(0))
    assert fair.slates.tolist() == [[3, 1], [0, 4], [-1, -1]]
    assert fair.share == pytest.approx(1 / (2 + 2 / np.log2(3)))


def test_the_least_of_each_prefix_as_published() -> None:
    """The first table is in the documents of FA*IR's authors' own library; the other by hand."""
    quarter = [0] * 8 + [1] * 6 + [2] * 5 + [3]
    assert least_favoured(20, 0.25, 0.1).tolist() == quarter
    assert least_favoured(10, 0.5, 0.1).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 0.7))
def test_every_prefix_holds_its_least_and_each_group_keeps_its_order(
    seed: int, proportion: float
) -> None:
    candidates, utility, favoured, _ = market(seed)
    order = np.argsort(-utility, axis=1)
    candidates = np.take_along_axis(candidates, order, axis=1)
    favoured = np.take_along_axis(favoured, order, axis=1)
    least = least_favoured(PLACES, proportion, 0.1)
    slates = fair_prefixes(candidates, favoured, PLACES, least)
    held = np.cumsum(slates % 3 == 0, axis=1)
    assert (held >= np.minimum(least, favoured.sum(axis=1)[:, None])).all()
    for row, slate in zip(candidates, slates, strict=True):
        position = [row.tolist().index(item) for item in slate]
        for group in (True, False):
            own = [p for p, item in zip(position, slate, strict=True) if (item % 3 == 0) == group]
            assert own == sorted(own)


def test_where_nothing_is_asked_nothing_changes() -> None:
    candidates, _, favoured, _ = market(1)
    least = np.zeros(PLACES, dtype=np.int64)
    assert (fair_prefixes(candidates, favoured, PLACES, least) == candidates[:, :PLACES]).all()
