"""The rarer turns of a courier's day, on a line of places a minute apart, computed by hand."""

from typing import Any

import numpy as np

from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.records import StopKind
from tests.courier_days import (
    Route,
    Saying,
    Watched,
    all_to_the_first,
    jobs,
    live,
    plan_of,
    route_of,
    shifts,
)

NOTHING = plan_of({})


def once(routes: dict[int, Route], **more: Any) -> Saying:
    """Plans these routes at the first chance, and nothing afterwards."""

    def answer(seen: DispatchObservation) -> DispatchPlan:
        return plan_of(routes, **more) if len(policy.asked) == 1 else NOTHING

    policy = Saying(answer)
    return policy


def test_a_break_due_before_a_planned_departure_is_taken_on_time() -> None:
    day = live(
        once({0: [(0, False), (0, True)]}, leave_at=np.array([650.0])),
        jobs([3], [5], [600.0]),
        shifts(break_at=[610.0], break_minutes=[15.0]),
    )
    assert day.picked_up.tolist() == [653.0]  # back from the break at 625
    assert day.outcome.resting.tolist() == [15.0]


def test_others_take_over_what_a_courier_on_its_break_had_planned() -> None:
    def answer(seen: DispatchObservation) -> DispatchPlan:
        if seen.now < 601:
            return plan_of({0: [(0, False), (0, True)]}, leave_at=np.array([612.0]))
        if seen.fleet.free_at[0] > seen.now and route_of(seen, 0):
            return plan_of({0: [], 1: [(0, False), (0, True)]})
        return NOTHING

    day = live(
        Saying(answer),
        jobs([3], [5], [600.0]),
        shifts((0, 0), break_at=[610.0, np.inf], break_minutes=[30.0, 0.0]),
    )
    assert day.courier.tolist() == [1]
    assert day.picked_up.tolist() == [613.0]


def test_a_break_ends_with_the_shift() -> None:
    people = shifts(end=620.0, break_at=[610.0], break_minutes=[45.0])
    day = live(once({}), jobs([1], [2], [600.0]), people)
    assert day.outcome.resting.tolist() == [10.0]
    assert day.outcome.end.tolist() == [620.0]


def test_what_is_refused_in_the_shop_goes_to_another_at_once() -> None:
    def answer(seen: DispatchObservation) -> DispatchPlan:
        if seen.now < 601:
            return plan_of({0: [(0, False), (1, False), (0, True), (1, True)]})
        waiting = seen.waiting.tolist()
        return plan_of({1: [(waiting[0], False), (waiting[0], True)]}) if waiting else NOTHING

    day = live(
        Saying(answer),
        jobs([3, 3], [5, 6], [600.0, 600.0], service=8.0),
        shifts((0, 0)),
        accepts=lambda courier, job: (courier, job) != (0, 1),
    )
    # Refused at the handover of the first at 607, not after the rest of the service at 611.
    assert day.courier.tolist() == [0, 1]
    assert day.picked_up.tolist() == [607.0, 607.0 + 3.0 + 4.0]
    assert day.delivered[0] == 611.0 + 2.0 + 4.0


def test_a_visit_without_service_is_one_visit_too() -> None:
    day = live(
        once({0: [(0, False), (1, False), (0, True), (1, True)]}), jobs([3, 3], [5, 6], [600.0] * 2)
    )
    assert day.outcome.pickup_visits.tolist() == [1]
    assert day.outcome.pickups.tolist() == [2]


def test_parcels_share_a_service_that_lies_wholly_before_the_handover() -> None:
    policy = once({0: [(0, False), (1, False), (0, True), (1, True)]})
    day = live(policy, jobs([3, 3], [5, 6], [600.0] * 2, service=4.0), service_before=1.0)
    assert day.picked_up.tolist() == [607.0, 607.0]
    assert day.delivered.tolist() == [613.0, 618.0]


def test_a_cancelled_later_stop_does_not_send_a_courier_off_early() -> None:
    day = live(
        once({0: [(0, False), (0, True), (1, False), (1, True)]}, leave_at=np.array([640.0])),
        jobs([3, 3], [5, 5], [600.0] * 2, cancelled_at=[np.inf, 620.0]),
    )
    assert day.picked_up[0] == 643.0
    assert day.rows(day.outcome.cancelled) == [1]


def test_who_drops_out_before_its_shift_does_not_come() -> None:
    day = live(
        Saying(all_to_the_first),
        jobs([1], [2], [600.0]),
        shifts((0, 0), (610.0, 630.0), offline_at=[605.0, np.inf]),
    )
    assert day.courier.tolist() == [1]
    assert day.outcome.end.tolist() == [610.0, 900.0]


def test_who_drops_out_after_its_shift_keeps_its_overtime() -> None:
    policy = Watched(once({0: [(0, False), (1, False), (0, True), (1, True)]}))
    day = live(
        policy,
        jobs([1, 1], [9, 2], [600.0] * 2),
        shifts(end=603.0, offline_at=[605.0]),
    )
    assert day.rows(day.outcome.delivered) == [0]  # the stop it was committed to
    assert day.outcome.relays == 1
    assert day.outcome.end.tolist() == [609.0]


def test_a_parcel_left_behind_after_its_deadline_is_spoiled() -> None:
    day = live(
        once({0: [(0, False), (1, False), (0, True), (1, True)]}),
        jobs([1, 4], [9, 11], [600.0] * 2, deadline=[np.inf, 608.0]),
        shifts((0, 11), offline_at=[605.0, np.inf]),
    )
    assert day.rows(day.outcome.delivered) == [0]
    assert day.rows(day.outcome.spoiled) == [1]
    assert day.outcome.relays == 1


def test_couriers_are_sent_where_orders_are_forecast_though_nothing_waits() -> None:
    def answer(seen: DispatchObservation) -> DispatchPlan:
        if len(seen.waiting):
            return all_to_the_first(seen)
        if seen.fleet.place[0] == seen.forecast.argmax() or len(seen.jobs.number):
            return NOTHING
        return plan_of({}, moved=np.array([0]), moved_to=np.array([seen.forecast.argmax()]))

    def forecast(minute: float) -> np.ndarray:
        return np.where(np.arange(12) == 7, 3.0, 0.0)

    day = live(Saying(answer), jobs([7], [8], [630.0]), forecast=forecast)
    assert day.picked_up.tolist() == [630.0]
    move = day.stops[0]
    assert (move.kind, move.left, move.arrived) == (StopKind.MOVE, 600.0, 607.0)
    blind = live(Saying(answer), jobs([7], [8], [630.0]))
    assert blind.picked_up.tolist() == [637.0]


def test_a_move_to_where_the_courier_is_changes_nothing() -> None:
    stays = once({}, moved=np.array([0]), moved_to=np.array([0]))
    day = live(stays, jobs([1], [2], [600.0]))
    assert day.stops == []


def test_a_parcel_planned_too_late_again_and_again_waits_for_tomorrow() -> None:
    day = live(Saying(all_to_the_first), jobs([9], [11], [600.0]), shifts(end=605.0))
    assert day.stops == []
    assert day.outcome.offers.tolist() == [0]
