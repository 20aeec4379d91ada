"""Trust, word of mouth, leaving and coming back, and the social graph they happen on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.response.social_graph import SocialGraph, found_social_graph
from sim.response.trust import (
    changed_trust,
    satisfaction_with_decision,
    still_active,
    still_active_reference,
)
from sim.response.word_of_mouth import tell_friends, tell_friends_reference
from sim.settings.consumers import ResponseSettings
from sim.streams import Streams

STREAMS = Streams(5)


@given(trust=st.floats(0, 1), satisfaction=st.floats(-1, 1))
def test_trust_moves_the_way_of_the_experience_and_stays_in_range(
    trust: float, satisfaction: float
) -> None:
    after = changed_trust(np.array([trust]), np.array([satisfaction]), 0.02, 0.1)[0]
    assert 0.0 <= after <= 1.0
    assert (after - trust) * satisfaction >= 0.0


def test_trust_is_lost_faster_than_it_is_won() -> None:
    start = np.array([0.5, 0.5])
    after = changed_trust(start, np.array([1.0, -1.0]), 0.02, 0.1)
    assert after - start == pytest.approx([0.01, -0.05])


def test_losing_a_complaint_within_a_week_is_as_good_as_winning_after_a_month() -> None:
    lost, won = satisfaction_with_decision(np.array([0.0, 1.0]), np.array([7, 30]))
    assert lost == pytest.approx(won)
    assert satisfaction_with_decision(np.array([1.0, 0.0]), np.array([0, 0])).tolist() == [1, 0]


def test_who_leaves_and_returns_is_the_same_in_both_versions() -> None:
    n = 5_000
    active = STREAMS.uniform("active", 0, np.arange(n)) < 0.8
    trust = STREAMS.uniform("trust", 0, np.arange(n)).astype(np.float32)
    fast = still_active(
        active, trust, STREAMS.key("churn", 3), STREAMS.key("comeback", 3), 0.2, 0.3
    )
    plain = still_active_reference(
        active,
        trust,
        STREAMS.uniform("churn", 3, np.arange(n)),
        STREAMS.uniform("comeback", 3, np.arange(n)),
        0.2,
        0.3,
    )
    assert fast.tolist() == plain.tolist()
    assert 0 < (active & ~fast).sum() < active.sum()
    assert 0 < (~active & fast).sum() < (~active).sum()


def test_the_trusting_stay_and_the_distrustful_do_not_come_back() -> None:
    active = np.array([True, False] * 500)
    trust = np.where(active, 1.0, 0.0).astype(np.float32)
    after = still_active(active, trust, STREAMS.key("a"), STREAMS.key("b"), 1.0, 1.0)
    assert after.tolist() == active.tolist()


def graph_of(count: int, **settings: float) -> SocialGraph:
    return found_social_graph(count, ResponseSettings(**settings), STREAMS)


@pytest.mark.parametrize("count", [1, 2, 7, 100, 1_003])
def test_friendship_is_mutual_and_nobody_is_their_own_friend(count: int) -> None:
    graph = graph_of(count, community=100)
    assert len(graph) == count
    row = np.repeat(np.arange(count), np.diff(graph.indptr))
    ties = set(zip(row.tolist(), graph.neighbour.tolist(), strict=True))
    assert len(ties) == len(graph.neighbour)
    assert all((b, a) in ties and a != b for a, b in ties)


@given(count=st.integers(20, 400), friends=st.integers(0, 10))
def test_the_mean_number_of_friends_is_that_of_the_scenario(count: int, friends: int) -> None:
    graph = graph_of(count, community=50, friends=friends)
    assert len(graph.neighbour) == count * (friends // 2 * 2)


def test_communities_are_of_nearly_equal_size_and_do_not_know_each_other() -> None:
    graph = graph_of(250, community=100, friends=4)
    row = np.repeat(np.arange(250), np.diff(graph.indptr))
    community = np.searchsorted([84, 167], [row, graph.neighbour], side="right")
    assert (community[0] == community[1]).all()


def test_a_small_world_is_clustered_and_yet_close() -> None:
    import networkx as nx

    graph = graph_of(500, community=500)
    world = nx.Graph((i, int(j)) for i in range(len(graph)) for j in graph.friends_of(i))
    assert nx.average_clustering(world) > 0.3
    assert nx.average_shortest_path_length(world) < 7.0


def test_the_same_seed_makes_the_same_friends() -> None:
    first, second = graph_of(300, community=100), graph_of(300, community=100)
    assert first.neighbour.tolist() == second.neighbour.tolist()
    other = found_social_graph(300, ResponseSettings(community=100), Streams(6))
    assert first.neighbour.tolist() != other.neighbour.tolist()


def test_only_friends_of_those_with_an_experience_hear_of_it() -> None:
    graph = graph_of(100, community=100, friends=4)
    trust = np.full(100, 0.5, np.float32)
    tell_friends(trust, graph, np.array([10]), np.array([1.0]), 0.1)
    moved = np.flatnonzero(trust != 0.5)
    assert moved.tolist() == graph.friends_of(10).tolist()
    assert trust[moved] == pytest.approx(0.55)


def test_word_of_mouth_is_the_same_in_both_versions() -> None:
    graph = graph_of(2_000, community=500)
    fast = STREAMS.uniform("trust", 1, np.arange(2_000)).astype(np.float32)
    plain = fast.copy()
    teller = np.arange(0, 2_000, 3)
    felt = 2.0 * STREAMS.uniform("felt", 1, teller) - 1.0
    tell_friends(fast, graph, teller, felt, 0.2)
    tell_friends_reference(plain, graph, teller, felt, 0.2)
    assert fast == pytest.approx(plain, abs=1e-6)


@given(weight=st.floats(0, 1), felt=st.lists(st.floats(-1, 1), min_size=60, max_size=60))
def test_hearsay_never_takes_trust_out_of_range(weight: float, felt: list[float]) -> None:
    graph = graph_of(60, community=60, friends=10)
    trust = np.linspace(0, 1, 60, dtype=np.float32)
    tell_friends(trust, graph, np.arange(60), np.array(felt), weight)
    assert trust.min() >= 0.0
    assert trust.max() <= 1.0


def test_without_friends_or_weight_nothing_spreads() -> None:
    trust = np.linspace(0, 1, 30, dtype=np.float32)
    before = trust.tolist()
    teller, felt = np.arange(30), np.full(30, -1.0)
    tell_friends(trust, graph_of(30, friends=0), teller, felt, 0.5)
    tell_friends(trust, graph_of(30), teller, felt, 0.0)
    assert trust.tolist() == before
