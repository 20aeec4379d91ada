"""Dispatch policies: against plain versions and exhaustive search, and what each parameter does."""

import dataclasses
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch.batch_matching import BatchMatching
from policies.dispatch.cheapest_insertion import CheapestInsertion
from policies.dispatch.insertion import best_insertion
from policies.dispatch.local_search import LocalSearch
from policies.dispatch.nearest import NearestCourier
from policies.dispatch.options import Planning
from policies.dispatch.plain import best_insertion as best_insertion_plainly
from policies.dispatch.plain import route_cost
from policies.dispatch.planning import Board
from policies.dispatch.vroom import Vroom
from policies.observations import DispatchObservation, DispatchPlan
from tests.courier_days import (
    Lived,
    Route,
    Saying,
    jobs,
    live,
    plan_of,
    plane,
    route_of,
    shifts,
)
from tests.courier_worlds import Whimsical, world

POLICIES: tuple[Any, ...] = (
    NearestCourier, CheapestInsertion, BatchMatching, LocalSearch, Vroom
)  # fmt: skip


def made(kind: Any, **params: Any) -> Any:
    return kind(kind.Params(name=kind.name, **params))


def insertion(**params: Any) -> Any:
    return made(CheapestInsertion, **{"decide_every": 0.0} | params)


def frozen(seen: DispatchObservation) -> DispatchObservation:
    """A copy that stays as it is when the day goes on."""

    def copied(part: Any) -> Any:
        columns = {
            field.name: getattr(part, field.name).copy() for field in dataclasses.fields(part)
        }
        return dataclasses.replace(part, **columns)

    return dataclasses.replace(
        seen,
        jobs=copied(seen.jobs),
        fleet=copied(seen.fleet),
        waiting=seen.waiting.copy(),
        changed=seen.changed.copy(),
        refused=seen.refused.copy(),
    )


def moments(seed: int, **conditions: Any) -> list[DispatchObservation]:
    """What a dispatcher was shown on a day on which everything goes wrong."""
    shown: list[DispatchObservation] = []
    whims = Whimsical(seed)

    def answer(seen: DispatchObservation) -> DispatchPlan:
        shown.append(frozen(seen))
        return whims.dispatch(seen)

    given_, people = world(seed)
    live(
        Saying(answer), given_, people, streets=plane(12, seed),
        accepts=lambda courier, job: (courier + job) % 4 != 0, **conditions,
    )  # fmt: skip
    return shown


def board(seen: DispatchObservation, **params: Any) -> Board:
    return Board(seen, Planning(name="cheapest_insertion", **params))


def stops_of(table: Board, k: int) -> list[int]:
    row = table.sheet.step["stop"][k]
    return [int(stop) for stop in row[: table.sheet.route["length"][k]]]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shared=st.booleans(),
    before=st.sampled_from([0.0, 0.5, 1.0]),
    back=st.booleans(),
)
def test_the_kernel_inserts_where_trying_every_place_would(
    seed: int, shared: bool, before: float, back: bool
) -> None:
    for seen in moments(seed, shared_pickup=shared, service_before=before)[::4]:
        seen = dataclasses.replace(seen, must_return=back)
        table = board(seen, most_on_board=3, driving_weight=0.3)
        parts = table.work, table.team, table.minutes, table.terms
        for k in np.flatnonzero(seen.fleet.on_shift).tolist():
            stops = stops_of(table, k)
            assert table.sheet.route["total"][k] < 1e8 or route_cost(k, stops, *parts) == np.inf
            for job in table.due().tolist()[:3]:
                cost, i, j = best_insertion(
                    k, job, table.sheet, *parts, np.inf, 0.0, np.ones(1, np.uint64)
                )
                if len(stops) + 2 > table.terms.most_stops:
                    assert not np.isfinite(cost)
                    continue
                expected, _ = best_insertion_plainly(k, job, stops, *parts)
                if not np.isfinite(route_cost(k, stops, *parts)):
                    continue  # a route that breaks a rule already: the kernel may add to it
                if not np.isfinite(expected):
                    assert not np.isfinite(cost)
                    continue
                assert cost == pytest.approx(expected, abs=1e-3)
                new = [*stops[:i], 2 * job, *stops[i:j], 2 * job + 1, *stops[j:]]
                gained = route_cost(k, new, *parts) - route_cost(k, stops, *parts)
                assert gained == pytest.approx(cost, abs=1e-3)


def planned_cost(seen: DispatchObservation, plan: DispatchPlan, table: Board) -> float:
    """Cost of a plan by the plain evaluation; a parcel left out costs a million."""
    parts = table.work, table.team, table.minutes, table.terms
    row = {int(job): local for local, job in enumerate(table.rows)}
    routes = {k: route_of(seen, k) for k in range(len(seen.fleet.courier))}
    for k, numbers, drops in zip(
        plan.courier.tolist(), plan.route_job, plan.route_is_dropoff, strict=True
    ):
        routes[k] = [(int(j), bool(d)) for j, d in zip(numbers, drops, strict=True) if j >= 0]
    total, fetched = 0.0, set()
    for k, route in routes.items():
        if route:
            total += route_cost(k, [2 * row[job] + drop for job, drop in route], *parts)
        fetched |= {job for job, drop in route if not drop}
    open_ = set(seen.waiting.tolist()) | {
        job for k in routes for job, drop in route_of(seen, k) if not drop
    }
    return total + 1e6 * len(open_ - fetched)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_search_never_ends_worse_than_the_insertion_it_begins_with(seed: int) -> None:
    for seen in moments(seed)[::6]:
        table = board(seen)
        costs = [
            planned_cost(seen, made(LocalSearch, iterations=n).dispatch(seen), table)
            for n in (0, 60)
        ]
        if np.isfinite(costs[0]):
            assert costs[1] <= costs[0] + 1e-3


def orders_of(parcels: list[int]) -> list[Route]:
    """Every order of the stops of some parcels."""
    stops = [(job, drop) for job in parcels for drop in (False, True)]
    return [
        list(order)
        for order in permutations(stops)
        if all(order.index((job, False)) < order.index((job, True)) for job in parcels)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_search_finds_the_best_of_all_plans_where_they_can_be_counted(seed: int) -> None:
    """Two couriers, three parcels: every split and every order of the stops is tried."""
    rng = np.random.default_rng(seed)
    first: list[DispatchObservation] = []

    def look(seen: DispatchObservation) -> DispatchPlan:
        first.append(frozen(seen))
        return plan_of({})

    live(
        Saying(look),
        jobs(rng.integers(0, 10, 3), rng.integers(0, 10, 3), [600.0] * 3,
             ready=rng.uniform(600, 615, 3), service=2.0, promise=20.0),
        shifts(rng.integers(0, 10, 2), capacity=2),
        streets=plane(10, seed),
    )  # fmt: skip
    seen = first[0]
    table = board(seen)
    parts = table.work, table.team, table.minutes, table.terms
    best = np.inf
    for owner in np.ndindex(2, 2, 2):
        cost = 0.0
        for k in range(2):
            mine = [job for job in range(3) if owner[job] == k]
            if mine:
                cost += min(
                    route_cost(k, [2 * job + drop for job, drop in route], *parts)
                    for route in orders_of(mine)
                )
        best = min(best, cost)
    found = planned_cost(
        seen, made(LocalSearch, iterations=200, most_iterations=1000).dispatch(seen), table
    )
    assert found == pytest.approx(best, abs=1e-3)


@pytest.mark.parametrize("kind", POLICIES, ids=lambda kind: kind.name)
def test_the_same_day_gives_the_same_plans(kind: Any) -> None:
    given_, people = world(11)
    days = [
        live(
            made(kind), given_, people, streets=plane(12, 11), accepts=lambda k, j: (k + j) % 3 != 0
        )
        for _ in range(2)
    ]
    assert days[0].stops == days[1].stops
    assert days[0].outcome.deliveries.sum() > 5


def morning(
    policy: Any,
    parcels: list[tuple[int, int]],
    base: list[int],
    *,
    placed: float | list[float] = 600.0,
    **more: Any,
) -> Lived:
    """Parcels (pickup, drop-off) on the line of places a minute apart."""
    n = len(parcels)
    minutes = [placed] * n if isinstance(placed, float) else placed
    conditions = {
        name: more.pop(name) for name in ("accepts", "must_return", "forecast") if name in more
    }
    people = {name: more.pop(name) for name in ("end", "capacity", "speed") if name in more}
    given_ = jobs([p for p, _ in parcels], [d for _, d in parcels], minutes, **more)
    return live(policy, given_, shifts(base, **people), **conditions)


@pytest.mark.parametrize("kind", POLICIES, ids=lambda kind: kind.name)
class TestEveryPolicy:
    def test_sends_the_courier_next_door(self, kind: Any) -> None:
        assert morning(made(kind), [(5, 6)], [0, 4, 10]).courier.tolist() == [1]

    def test_leaves_alone_who_cannot_fetch_it_before_the_shift_ends(self, kind: Any) -> None:
        day = morning(made(kind), [(5, 6)], [4, 0], end=[600.5, 900.0])
        assert day.courier.tolist() == [1]

    def test_lets_a_parcel_wait_that_fits_into_no_bag(self, kind: Any) -> None:
        day = morning(made(kind), [(5, 6), (2, 3)], [0], units=[3, 1])
        assert day.rows(day.outcome.delivered) == [1]

    def test_asks_somebody_else_once_a_courier_has_refused(self, kind: Any) -> None:
        day = morning(made(kind), [(5, 6)], [4, 0], accepts=lambda courier, job: courier != 0)
        assert day.courier.tolist() == [1]
        assert day.outcome.offers.tolist() == [1, 1]

    def test_brings_everything_where_there_is_time(self, kind: Any) -> None:
        day = morning(made(kind), [(1, 9), (2, 8), (3, 7), (9, 1), (8, 2)], [0, 10])
        assert len(day.outcome.delivered) == 5


def test_the_nearest_rule_leaves_couriers_with_work_alone() -> None:
    day = morning(made(NearestCourier), [(4, 11), (4, 5)], [4, 0])
    assert day.courier.tolist() == [0, 1]


def test_a_small_bag_makes_two_trips() -> None:
    policy = insertion(door_weight=0.0)
    together, apart = (morning(policy, [(5, 9), (5, 10)], [4], capacity=size) for size in (2, 1))
    assert together.outcome.pickup_visits.tolist() == [1]
    assert apart.outcome.pickup_visits.tolist() == [2]


def test_what_is_not_fetched_goes_to_whoever_becomes_free() -> None:
    def lived(**params: Any) -> Lived:
        return live(
            insertion(**params),
            jobs([1, 3, 9], [11, 2, 10], [600.0, 600.5, 600.0]),
            shifts([0, 9], capacity=1),
        )

    assert lived().courier[1] in (0, 1)
    assert lived(replan=True).delivered[1] <= lived(replan=False).delivered[1]


def test_bundling_limits_hold() -> None:
    parcels = [(5, 9), (5, 10), (5, 11)]
    free = morning(insertion(door_weight=0.0), parcels, [4], capacity=9)
    limited = morning(insertion(door_weight=0.0, most_on_board=2), parcels, [4], capacity=9)
    assert max(stop.parcels for stop in free.stops) == 3
    assert max(stop.parcels for stop in limited.stops) == 2


def test_no_parcel_rides_longer_than_the_detour_allowed() -> None:
    parcels = [(0, 10), (2, 4), (4, 6)]
    for most in (0.0, 1440.0):
        policy = insertion(door_weight=0.0, lateness_weight=0.0, most_detour=most)
        day = morning(policy, parcels, [0], capacity=3, service=2.0)
        longer = day.delivered[0] - day.picked_up[0] - (1 + 10 + 1)
        assert longer <= most + 1e-6
        if most > 0:
            assert longer > 1


def test_parcels_held_back_are_bundled() -> None:
    def visits(**params: Any) -> int:
        day = morning(insertion(**params), [(9, 3), (9, 2)], [8, 8], placed=[600.0, 603.0])
        return int(day.outcome.pickup_visits.sum())

    assert visits(hold_back=4.0) == 1
    assert visits() == 2


def test_couriers_who_have_earned_less_get_the_next_parcel() -> None:
    def carried(**params: Any) -> list[int]:
        given_ = jobs([5] * 6, [6] * 6, [600.0 + 20 * i for i in range(6)])
        day = live(insertion(**params), given_, shifts([5, 3]), pay_per_delivery=3.0)
        return day.outcome.deliveries.tolist()

    alone, shared = carried(), carried(fairness=30.0)
    assert abs(shared[0] - shared[1]) < abs(alone[0] - alone[1])


def test_idle_couriers_go_where_orders_are_expected() -> None:
    expected = np.zeros(12)
    expected[10] = 6.0

    def door(**params: Any) -> float:
        day = morning(
            insertion(**params), [(1, 2), (10, 11)], [0], placed=[600.0, 630.0],
            forecast=lambda minute: expected,
        )  # fmt: skip
        return float(day.delivered[1])

    assert door(preposition=3.0) < door()


def test_who_would_wait_leaves_later_and_can_do_something_else_before() -> None:
    def lived(**params: Any) -> Lived:
        return morning(
            insertion(**params), [(3, 4), (1, 2)], [0], placed=[600.0, 605.0],
            ready=[640.0, 605.0],
        )  # fmt: skip

    assert lived(leave_late=True).delivered[1] == 607.0
    assert lived(leave_late=False).delivered[1] > 640.0


def test_who_leaves_late_is_as_early_as_asked() -> None:
    def left(minutes: float) -> float:
        day = morning(insertion(arrive_early=minutes), [(3, 4)], [0], placed=[600.0], ready=[640.0])
        return float(day.outcome.assigned[0])

    assert left(5.0) == pytest.approx(left(0.0) - 5.0)
    assert left(5.0) == left(10.0) + 5.0


def test_a_decision_every_so_often_buffers_orders() -> None:
    day = morning(insertion(decide_every=10.0), [(5, 6)], [5], placed=[603.0])
    assert day.picked_up.tolist() == [610.0]


def test_bundles_are_as_large_as_couriers_are_few() -> None:
    parcels = [(5, 9), (5, 10), (5, 11), (5, 8)]
    one = morning(made(BatchMatching), parcels, [4], capacity=9)
    many = morning(made(BatchMatching), parcels, [4, 4, 6, 6], capacity=9)
    never = morning(made(BatchMatching, most_in_bundle=1), parcels, [4], capacity=9)
    assert one.outcome.pickup_visits.sum() == 2  # three and one
    assert many.outcome.pickup_visits.sum() == 4
    assert never.outcome.pickup_visits.sum() == 4


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (LocalSearch, {"seed": 3}),
        (LocalSearch, {"iterations": 2}),
        (LocalSearch, {"most_iterations": 3}),
        (LocalSearch, {"ruined": 1.0}),
        (LocalSearch, {"hot": 5.0}),
        (LocalSearch, {"candidates": 1}),
        (LocalSearch, {"courier_weight": 8.0}),
        (LocalSearch, {"driving_weight": 8.0}),
        (LocalSearch, {"lateness_weight": 50.0}),
        (LocalSearch, {"most_waiting": 1}),
        (LocalSearch, {"most_stops": 2}),
        (CheapestInsertion, {"candidates": 1}),
        (CheapestInsertion, {"patience": 1}),
        (CheapestInsertion, {"most_stops": 2}),
        (CheapestInsertion, {"replan": False}),
        (BatchMatching, {"horizon": 0.0}),
        (BatchMatching, {"decide_every": 7.0}),
        (BatchMatching, {"lateness_weight": 50.0}),
        (Vroom, {"slack": 100.0}),
        (Vroom, {"decide_every": 9.0}),
        (NearestCourier, {"decide_every": 9.0}),
    ],
    ids=lambda value: value.name if isinstance(value, type) else next(iter(value)),
)
def test_every_parameter_is_felt(kind: Any, change: dict[str, Any]) -> None:
    def stops(**params: Any) -> list[Any]:
        told = []
        quick = {"iterations": 8} if kind is LocalSearch else {}
        for seed in range(1 if kind is Vroom else 3):
            given_, people = world(seed, n=40, couriers=4, capacity=4)
            told.append(
                live(made(kind, **quick | params), given_, people, streets=plane(12, seed)).stops
            )
        return told

    assert stops() != stops(**change)


def test_vroom_missing_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "vroom", None)
    with pytest.raises(ValueError, match=r"pip install 'weal\[vroom\]'"):
        made(Vroom)
