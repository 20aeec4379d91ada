"""What couriers do with a plan, on a line of places a minute apart, computed by hand."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.engine import DispatchError
from sim.delivery.records import StopKind
from tests.courier_days import (
    Route,
    Saying,
    all_to_the_first,
    jobs,
    live,
    plan_of,
    route_of,
    shifts,
)

METRES = 500.0


def test_a_delivery_takes_the_minutes_of_its_drives_and_its_wait() -> None:
    day = live(Saying(all_to_the_first), jobs([3], [5], [600.0], ready=[610.0]), shifts(speed=2.0))
    assert day.picked_up.tolist() == [610.0]  # there at 606, four minutes early
    assert day.delivered.tolist() == [614.0]
    legs = day.legs()
    assert [(s.left, s.arrived) for s in legs] == [(600.0, 606.0), (610.0, 614.0)]
    assert [(s.origin, s.place) for s in legs] == [(0, 3), (3, 5)]
    assert [s.parcels for s in legs] == [0, 1]
    assert day.outcome.metres.tolist() == [5 * METRES]
    assert day.outcome.empty_metres.tolist() == [3 * METRES]
    assert day.outcome.driving.tolist() == [10.0]
    assert day.outcome.waiting.tolist() == [4.0]
    assert day.outcome.deliveries.tolist() == [1]
    assert day.outcome.end.tolist() == [900.0]


def test_service_counts_half_before_the_handover_and_half_after_it() -> None:
    given = jobs([3, 3], [5, 5], [600.0, 600.0], service=4.0)
    day = live(Saying(all_to_the_first), given)
    # To 3: 3 minutes, 2 + 2 of service, to 5: 2 minutes, 2 + 2 of service, back, and again.
    assert day.picked_up.tolist() == [605.0, 617.0]
    assert day.delivered.tolist() == [611.0, 623.0]
    assert [s.left for s in day.legs()] == [600.0, 607.0, 613.0, 619.0]


def together(seen: DispatchObservation) -> DispatchPlan:
    return plan_of({0: [(0, False), (1, False), (0, True), (1, True)]})


def test_parcels_fetched_together_share_one_service() -> None:
    given = jobs([3, 3], [5, 6], [600.0, 600.0], ready=[600.0, 608.0], service=4.0)
    day = live(Saying(together), given)
    assert day.picked_up.tolist() == [605.0, 608.0]  # the second when it is ready
    assert day.delivered.tolist() == [608.0 + 2 + 2 + 2, 614.0 + 2 + 1 + 2]
    assert day.outcome.pickup_visits.tolist() == [1]
    assert day.outcome.pickups.tolist() == [2]
    apart = live(Saying(together), given, shared_pickup=False)
    assert apart.picked_up.tolist() == [605.0, 609.0]
    assert apart.delivered[0] == 611.0 + 2 + 2


def test_a_parcel_of_the_same_shop_is_added_while_the_courier_waits_there() -> None:
    def add(seen: DispatchObservation) -> DispatchPlan:
        new = seen.waiting.tolist()
        front = [(job, False) for job in new]
        return plan_of({0: [*front, *route_of(seen, 0), *((job, True) for job in new)]})

    given = jobs([3, 3], [5, 5], [600.0, 606.0], ready=[610.0, 606.0], service=4.0)
    day = live(Saying(add), given)
    assert day.picked_up.tolist() == [610.0, 610.0]
    assert day.outcome.pickup_visits.tolist() == [1]


def test_the_whole_service_may_lie_after_the_handover() -> None:
    day = live(Saying(all_to_the_first), jobs([3], [5], [600.0], service=4.0), service_before=0.0)
    assert day.picked_up.tolist() == [603.0]
    assert day.delivered.tolist() == [609.0]


def test_two_parcels_in_one_bag_are_dropped_in_the_order_of_the_plan() -> None:
    def nested(seen: DispatchObservation) -> DispatchPlan:
        return plan_of({0: [(0, False), (1, False), (1, True), (0, True)]})

    day = live(Saying(nested), jobs([2, 3], [9, 6], [600.0, 600.0]))
    assert day.delivered.tolist() == [609.0, 606.0]
    assert [s.parcels for s in day.legs()] == [0, 1, 2, 1]
    assert day.outcome.metres.tolist() == [9 * METRES]


def test_a_courier_leaves_when_the_plan_says_and_not_before() -> None:
    def later(seen: DispatchObservation) -> DispatchPlan:
        return plan_of({0: [(0, False), (0, True)]}, leave_at=np.array([620.0]))

    day = live(Saying(later), jobs([3], [5], [600.0]))
    assert day.picked_up.tolist() == [623.0]


def test_until_it_leaves_its_route_can_be_changed() -> None:
    def wait_for_two(seen: DispatchObservation) -> DispatchPlan:
        if len(seen.jobs.number) < 2:
            return plan_of({0: [(0, False), (0, True)]}, leave_at=np.array([620.0]))
        return plan_of({0: [(1, False), (1, True), (0, False), (0, True)]})

    day = live(Saying(wait_for_two), jobs([3, 1], [5, 2], [600.0, 610.0]))
    assert day.picked_up.tolist() == [613.0, 611.0]


def test_an_idle_courier_goes_where_orders_are_expected() -> None:
    def wander(seen: DispatchObservation) -> DispatchPlan:
        if seen.now < 605:
            return plan_of({}, moved=np.array([0]), moved_to=np.array([8]))
        return all_to_the_first(seen)

    day = live(Saying(wander), jobs([8, 8], [9, 9], [600.0, 609.0]))
    move = day.stops[0]
    assert (move.kind, move.place, move.left, move.arrived) == (StopKind.MOVE, 8, 600.0, 608.0)
    assert day.picked_up.tolist() == [608.0, 610.0]
    assert day.outcome.empty_metres.tolist() == [8 * METRES + METRES]


def test_couriers_go_home_where_they_must() -> None:
    day = live(Saying(all_to_the_first), jobs([3], [5], [600.0]), must_return=True)
    last = day.stops[-1]
    assert (last.kind, last.origin, last.place) == (StopKind.RETURN, 5, 0)
    assert day.outcome.metres.tolist() == [10 * METRES]


def test_parcels_not_fetched_when_a_shift_ends_are_brought_by_somebody_else() -> None:
    day = live(
        Saying(all_to_the_first),
        jobs([5, 1, 1], [11, 2, 2], [600.0, 600.0, 600.0]),
        shifts((0, 0), (600.0, 604.0), (605.0, 900.0)),
    )
    assert day.courier.tolist() == [0, 1, 1]
    assert day.delivered[0] == 611.0  # on board at the shift's end: finished
    assert day.outcome.end[0] == 611.0
    assert day.picked_up[1] == 606.0
    assert day.rows(day.outcome.delivered) == [0, 1, 2]


def test_what_cannot_be_fetched_before_the_shift_ends_stays_open() -> None:
    day = live(Saying(all_to_the_first), jobs([1, 10], [2, 11], [600.0, 600.0]), shifts(end=605.0))
    assert day.rows(day.outcome.delivered) == [0]
    assert np.isnan(day.picked_up[1])
    assert day.courier[1] == -1


def test_the_dispatcher_is_told_what_the_merchant_expects_and_no_more() -> None:
    told: dict[int, float] = {}

    def listen(seen: DispatchObservation) -> DispatchPlan:
        known = seen.jobs
        assert (known.placed <= seen.now).all()
        told.update(zip(known.number.tolist(), (known.ready - known.placed).tolist(), strict=True))
        return all_to_the_first(seen)

    placed = np.array([600.0, 601.0, 630.0, 655.5])
    policy = Saying(listen)
    live(policy, jobs([1, 2, 3, 4], [5, 6, 7, 8], placed, ready=placed + 37, expected=placed + 10))
    assert told == dict.fromkeys(range(1000, 1004), 10.0)
    assert policy.asked == sorted(policy.asked)


def test_a_dispatcher_who_decides_every_so_often_is_asked_only_then() -> None:
    policy = Saying(all_to_the_first, decides_every=7.0)
    day = live(policy, jobs([1, 2, 3], [5, 6, 7], [601.0, 603.0, 640.0]))
    assert all(minute % 7.0 == 0 for minute in policy.asked)
    assert day.picked_up[0] == 602.0 + 1.0
    assert day.rows(day.outcome.delivered) == [0, 1, 2]


def test_nobody_at_home_ends_the_parcels_day() -> None:
    day = live(Saying(all_to_the_first), jobs([1], [2], [600.0], fails=[[True]]))
    assert day.tries.tolist() == [1]
    assert day.outcome.deliveries.tolist() == [0]
    assert len(day.outcome.delivered) == len(day.outcome.cancelled) == 0


def test_the_last_try_cancels_and_earlier_days_count() -> None:
    given = jobs([1, 1], [2, 2], [600.0, 600.0], fails=[[True], [True]], tried=[1, 0])
    day = live(Saying(all_to_the_first), given)
    assert day.rows(day.outcome.cancelled) == [0]


def test_the_same_courier_tries_again_after_a_while() -> None:
    given = jobs([1], [2], [600.0], fails=[[True, False]])
    day = live(Saying(all_to_the_first), given, retry_after=45.0)
    assert day.tries.tolist() == [2]
    assert day.delivered.tolist() == [602.0 + 45.0]
    too_late = live(Saying(all_to_the_first), given, shifts(end=620.0), retry_after=45.0)
    assert too_late.tries.tolist() == [1]
    assert len(too_late.outcome.delivered) == 0


def test_a_parcel_is_not_handed_over_before_its_window() -> None:
    day = live(Saying(all_to_the_first), jobs([1], [2], [600.0], not_before=[640.0]))
    assert day.delivered.tolist() == [640.0]


def test_a_buyer_cancels_what_nobody_has_left_for() -> None:
    given = jobs([1, 2, 3], [9, 9, 9], [600.0] * 3, cancelled_at=[600.5, 605.0, np.inf])
    day = live(Saying(all_to_the_first), given)
    assert day.rows(day.outcome.cancelled) == [1]  # the first was being fetched
    assert day.rows(day.outcome.delivered) == [0, 2]
    assert len(day.legs()) == 4


def test_what_misses_its_deadline_is_spoiled_on_the_shelf_or_at_the_door() -> None:
    given = jobs([1, 2], [9, 9], [600.0] * 2, deadline=[605.0, 607.0])
    day = live(Saying(all_to_the_first), given)
    assert day.rows(day.outcome.spoiled) == [0, 1]
    assert day.picked_up[0] == 601.0  # refused at the door at 609
    assert np.isnan(day.picked_up[1])  # 607 passed while it lay in the shop
    assert day.outcome.deliveries.tolist() == [0]


def test_a_courier_turns_work_down_once_and_somebody_else_gets_it() -> None:
    def whoever(seen: DispatchObservation) -> DispatchPlan:
        refused = {tuple(pair) for pair in seen.refused.tolist()}
        routes: dict[int, Route] = {}
        for job in seen.waiting.tolist():
            k = min(k for k in range(2) if (k, job) not in refused)
            routes[k] = [*routes.get(k, route_of(seen, k)), (job, False), (job, True)]
        return plan_of(routes)

    day = live(
        Saying(whoever),
        jobs([1, 2], [9, 9], [600.0, 600.0]),
        shifts((0, 0)),
        accepts=lambda courier, job: (courier, job) != (0, 1),
    )
    assert day.courier.tolist() == [0, 1]
    assert day.outcome.offers.tolist() == [2, 1]
    assert day.outcome.refusals.tolist() == [1, 0]


def test_a_break_is_taken_when_the_bag_is_empty() -> None:
    day = live(
        Saying(all_to_the_first),
        jobs([1, 1], [9, 2], [600.0, 600.0]),
        shifts(break_at=[603.0], break_minutes=[30.0]),
    )
    assert day.delivered[0] == 609.0  # on board when the break was due
    assert day.picked_up[1] == 609.0 + 30.0 + 8.0
    assert day.outcome.resting.tolist() == [30.0]
    idle = live(
        Saying(all_to_the_first),
        jobs([1], [2], [610.0]),
        shifts(break_at=[603.0], break_minutes=[30.0]),
    )
    assert idle.picked_up.tolist() == [634.0]


def test_who_drops_out_leaves_its_parcels_for_others_where_it_is() -> None:
    def first_who_can(seen: DispatchObservation) -> DispatchPlan:
        return all_to_the_first(seen)

    day = live(
        Saying(first_who_can),
        jobs([1, 2], [9, 9], [600.0, 600.0]),
        shifts((0, 11), offline_at=[605.0, np.inf]),
    )
    # The first is on its way to door 9 when it drops out: that stop it finishes.
    assert day.delivered[0] == 609.0
    assert day.courier.tolist() == [0, 1]
    assert day.rows(day.outcome.delivered) == [0, 1]

    def both(seen: DispatchObservation) -> DispatchPlan:
        if seen.now < 601:
            return plan_of({0: [(0, False), (1, False), (0, True), (1, True)]})
        return all_to_the_first(seen)

    relayed = live(
        Saying(both),
        jobs([1, 4], [9, 9], [600.0, 600.0]),
        shifts((0, 11), offline_at=[602.0, np.inf]),
    )
    assert relayed.outcome.relays == 2  # both were on board at place 4
    assert relayed.picked_up.tolist() == [601.0, 604.0]
    assert relayed.courier.tolist() == [1, 1]
    assert relayed.delivered[0] == 604.0 + 7.0 + 5.0
    assert relayed.outcome.deliveries.tolist() == [0, 2]


FETCH_0: dict[int, Route] = {0: [(0, False), (0, True)]}


def once(plan: Any) -> Saying:
    return Saying(lambda seen: plan)


def altered(**columns: Any) -> DispatchPlan:
    return replace(plan_of(FETCH_0), **columns)


def forgetful() -> Saying:
    """Fetches job 0, and plans nothing for it when job 1 comes."""
    return Saying(
        lambda seen: plan_of({0: [(0, False), (0, True)] if seen.now < 602 else []}),
    )


ROUTE_TOO_LONG: Route = [(job, drop) for job in range(13) for drop in (False, True)]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (once(plan_of({0: [(0, False), (1, False), (2, False)]})), "carries 3 units.*only 2 fit"),
        (once(plan_of({0: [(0, False), (0, True), (0, False), (0, True)]})), "not to be had"),
        (once(plan_of({0: [(999, False), (999, True)]})), "not to be had"),
        (once(plan_of({0: [(0, False), (0, True), (0, True)]})), "before fetching"),
        (once(plan_of({0: ROUTE_TOO_LONG})), "at most 24 stops"),
        (once(plan_of({1: [(0, False), (0, True)]})), "courier row 1, but there are 1"),
        (once(plan_of({-1: [(0, False), (0, True)]})), "courier row -1"),
        (
            once(DispatchPlan(np.array([0, 0]), -np.ones((2, 2), int), np.zeros((2, 2), bool))),
            "a courier twice",
        ),
        (
            once(DispatchPlan(np.array([0]), np.zeros((2, 2), int), np.zeros((2, 2), bool))),
            "plans 1 couriers, but 2 routes",
        ),
        (
            once(DispatchPlan(np.array([0]), np.zeros((1, 2), int), np.zeros((1, 3), bool))),
            "have the shapes",
        ),
        (once(DispatchPlan(np.array([0]), np.zeros(2, int), np.zeros(2, bool))), "the shapes"),
        (once(plan_of({0: []}, leave_at=np.zeros(3))), "3 minutes for 1 couriers"),
        (once(plan_of({}, moved=np.array([0]), moved_to=np.array([99]))), "place 99 of 12"),
        (once(plan_of({}, moved=np.array([3]), moved_to=np.array([1]))), "courier row 3"),
        (forgetful(), r"never drops off job\(s\) \[0\]"),
        (once(plan_of(FETCH_0, leave_at=np.array([np.nan]))), "leave_at must be finite.*not nan"),
        (once(plan_of(FETCH_0, leave_at=np.array([np.inf]))), "leave_at must be finite.*not inf"),
        (once(plan_of(FETCH_0, leave_at=np.array([1e12]))), "1e.12.*shift ends at 900"),
        (once(plan_of(FETCH_0, leave_at=np.array([True]))), "finite minutes, not bool"),
        (once(plan_of({0: [(-2, False), (0, False), (0, True)]})), "fetches job -2"),
        (once(altered(courier=np.array([0.0]))), "courier must be whole numbers, not float64"),
        (once(altered(route_job=np.zeros((1, 2)))), "route_job must be whole numbers, not float64"),
        (once(altered(route_is_dropoff=np.array([[0, 1]]))), "must be true or false, not int64"),
        (once(altered(route_job=[[0], [0, 0]])), "route_job is no array"),
        (once(altered(moved=np.array([0.0]))), "moved must be whole numbers"),
        (once(plan_of({}, moved=np.array([0, 0]), moved_to=np.array([1, 2]))), "moves a .* twice"),
        (once(None), "must return a DispatchPlan, not NoneType"),
        (once((np.array([0]),)), "must return a DispatchPlan, not tuple"),
    ],
)
def test_a_plan_that_cannot_be_driven_is_refused_by_name(policy: Saying, said: str) -> None:
    n = 13
    placed = [600.0] * n
    placed[1] = 602.0 if said.startswith("never") else 600.0
    with pytest.raises(DispatchError, match=f"dispatch policy 'saying'.*{said}"):
        live(policy, jobs([5] * n, [9] * n, placed))


def test_a_courier_not_on_shift_cannot_be_planned_for() -> None:
    plan = once(plan_of({1: [(0, False), (0, True)]}))
    with pytest.raises(DispatchError, match="courier row 1, who is not on shift"):
        live(plan, jobs([1], [2], [600.0]), shifts((0, 0), (600.0, 700.0)))


@pytest.mark.parametrize("width", [0, 4])
def test_a_plan_that_changes_nothing_is_welcome(width: int) -> None:
    nothing = DispatchPlan(
        np.empty(0, np.int64), np.empty((0, width), np.int64), np.empty((0, width), np.bool_)
    )
    day = live(once(nothing), jobs([1], [2], [600.0]))
    assert len(day.outcome.delivered) == 0
    assert day.stops == []


def test_lists_make_a_plan_too() -> None:
    given = jobs([1], [2], [600.0])
    plain = live(once_then_nothing(plan_of(FETCH_0, leave_at=np.array([605.0]))), given)
    listed = DispatchPlan([0], [[0, 0]], [[False, True]], [605])  # type: ignore[arg-type]
    assert live(once_then_nothing(listed), given).stops == plain.stops
    assert plain.stops[0].left == 605.0


def once_then_nothing(plan: DispatchPlan) -> Saying:
    plans = iter([plan])
    return Saying(lambda seen: next(plans, DispatchPlan([], [], [])))  # type: ignore[arg-type]


def arrays_in(record: Any) -> Iterator[tuple[str, np.ndarray]]:
    for one in fields(record):
        value = getattr(record, one.name)
        if is_dataclass(value):
            yield from arrays_in(value)
        elif isinstance(value, np.ndarray):
            yield one.name, value


def test_nothing_that_a_dispatcher_is_shown_can_be_written_or_made_writable() -> None:
    seen_arrays = set()

    def pry(seen: DispatchObservation) -> DispatchPlan:
        for part in (seen, seen.jobs, seen.fleet):
            for name, array in arrays_in(part):
                if name in {"minutes", "metres"}:  # of streets that the test made
                    continue
                seen_arrays.add(name)
                base: Any = array
                while isinstance(base, np.ndarray):
                    with pytest.raises(ValueError, match="WRITEABLE"):
                        base.flags.writeable = True
                    base = base.base
        return all_to_the_first(seen)

    live(Saying(pry), jobs([1, 3], [2, 5], [600.0, 610.0]))
    assert {"placed", "route_job", "waiting", "changed", "refused", "forecast"} <= seen_arrays


def test_what_is_not_known_yet_is_not_in_memory_either() -> None:
    def pry(seen: DispatchObservation) -> DispatchPlan:
        whole = seen.jobs.dropoff.base
        assert isinstance(whole, np.ndarray)
        assert not whole[len(seen.jobs.dropoff) :].any()
        return all_to_the_first(seen)

    live(Saying(pry), jobs([1, 3], [2, 5], [600.0, 610.0]))
