"""Several carriers on one clock: who brings what, and who can be at a shop first."""

from dataclasses import fields, replace

import numpy as np
import pytest
from courier_days import Saying, Streets, all_to_the_first, jobs, line, plane, shifts
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.dispatch.nearest import NearestCourier
from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.carriers import Carriers, Condition, live_together
from sim.delivery.engine import DeliveryDay
from sim.delivery.first_at_shop import arrivals
from sim.delivery.jobs import Conditions, Jobs, Shifts
from sim.delivery.records import DayOutcome, StopKind


def nearest() -> NearestCourier:
    return NearestCourier(NearestCourier.Params(name="nearest"))


def world(streets: Streets | None = None) -> Condition:
    table = line() if streets is None else streets
    return Condition(Conditions(), lambda _minute: table, lambda _minute: 1.0)


def together(
    given_: Jobs,
    couriers: Shifts,
    of_job: list[int] | np.ndarray,
    of_courier: list[int] | np.ndarray,
    *,
    first: bool = False,
    dispatch: list | None = None,
    streets: Streets | None = None,
) -> tuple[DayOutcome, np.ndarray]:
    policies = dispatch or [nearest() for _ in range(int(np.max(of_courier)) + 1)]
    carriers = Carriers(policies, np.array(of_job), np.array(of_courier), first_at_shop=first)
    return live_together(given_, couriers, carriers, world(streets), [None] * len(policies))


def a_busy_day(seed: int) -> tuple[Jobs, Shifts, Streets]:
    rng = np.random.default_rng(seed)
    given_ = jobs(
        rng.integers(0, 12, 40),
        rng.integers(0, 12, 40),
        np.sort(rng.uniform(600, 800, 40)),
        ready=rng.uniform(600, 850, 40),
        service=2.0,
        fails=rng.random((40, 1)) < 0.2,
    )
    return given_, shifts(rng.integers(0, 12, 6), end=1000.0), plane(12, seed)


def assert_same(one: DayOutcome, other: DayOutcome) -> None:
    for field in fields(DayOutcome):
        np.testing.assert_array_equal(
            getattr(one, field.name), getattr(other, field.name), err_msg=field.name
        )


def test_one_carrier_alone_is_a_plain_day() -> None:
    given_, couriers, streets = a_busy_day(1)
    plain = DeliveryDay(given_, couriers, Conditions(), nearest(), lambda _minute: streets).live()
    plain.stops.sort(key=lambda stop: stop.handover)
    outcome, _ = together(given_, couriers, [0] * 40, [0] * 6, streets=streets)
    assert_same(outcome, plain)


def test_who_sees_all_couriers_of_the_only_carrier_changes_nothing() -> None:
    given_, couriers, streets = a_busy_day(2)
    plain, _ = together(given_, couriers, [0] * 40, [0] * 6, streets=streets)
    outcome, _ = together(given_, couriers, [0] * 40, [0] * 6, first=True, streets=streets)
    assert_same(outcome, plain)


def test_two_carriers_do_what_each_would_do_alone() -> None:
    given_, couriers, streets = a_busy_day(3)
    of_job, of_courier = np.arange(40) % 2, np.array([0, 1, 1, 0, 1, 0])
    outcome, after = together(given_, couriers, of_job, of_courier, streets=streets)
    np.testing.assert_array_equal(after, of_job)
    for carrier in (0, 1):
        rows = np.flatnonzero(of_courier == carrier)
        own = Jobs(*(getattr(given_, one.name)[of_job == carrier] for one in fields(Jobs)))
        some = Shifts(*(getattr(couriers, one.name)[rows] for one in fields(Shifts)))
        alone = DeliveryDay(own, some, Conditions(), nearest(), lambda _minute: streets).live()
        np.testing.assert_array_equal(outcome.metres[rows], alone.metres)
        np.testing.assert_array_equal(outcome.end[rows], alone.end)
        number = np.flatnonzero(of_job == carrier) + 1000
        mine = np.isin(outcome.job, number)
        np.testing.assert_array_equal(outcome.handed_over[mine], alone.handed_over)
        np.testing.assert_array_equal(outcome.courier[mine], rows[alone.courier])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.integers(2, 4))
def test_every_parcel_has_one_carrier_and_one_of_its_couriers_fetches_it(
    seed: int, first: bool, count: int
) -> None:
    given_, couriers, streets = a_busy_day(seed)
    rng = np.random.default_rng(seed)
    of_job, of_courier = rng.integers(0, count, 40), np.arange(6) % count
    outcome, after = together(given_, couriers, of_job, of_courier, first=first, streets=streets)
    assert sorted(outcome.job.tolist()) == sorted(given_.number.tolist())
    fetched = outcome.courier >= 0
    carrier = after[outcome.job[fetched] - 1000]
    np.testing.assert_array_equal(of_courier[outcome.courier[fetched]], carrier)
    if not first:
        np.testing.assert_array_equal(after, of_job)
    minutes = [stop.handover for stop in outcome.stops]
    assert minutes == sorted(minutes)
    pickups = [stop.courier for stop in outcome.stops if stop.kind == StopKind.PICKUP]
    np.testing.assert_array_equal(np.bincount(pickups, minlength=6), outcome.pickups)
    np.testing.assert_array_equal(
        outcome.deliveries, np.bincount(outcome.courier[~np.isnan(outcome.handed_over)],
                                        minlength=6)
    )  # fmt: skip


def test_a_new_parcel_goes_to_the_carrier_that_is_at_the_shop_first() -> None:
    given_ = jobs([8, 1], [9, 3], [610.0, 620.0])
    outcome, after = together(given_, shifts([0, 10]), [0, 1], [0, 1], first=True)
    assert after.tolist() == [1, 0]
    assert outcome.courier[np.argsort(outcome.job)].tolist() == [1, 0]
    own, _ = together(given_, shifts([0, 10]), [0, 1], [0, 1])
    assert own.metres.sum() > outcome.metres.sum()


def test_without_couriers_on_shift_a_parcel_stays_with_the_merchants_carrier() -> None:
    given_ = jobs([8], [9], [590.0])
    _, after = together(given_, shifts([0, 10]), [0], [0, 1], first=True)
    assert after.tolist() == [0]


def test_parcels_of_one_minute_are_not_all_given_to_the_same_courier() -> None:
    given_ = jobs([4, 4], [0, 0], [610.0, 610.0])
    _, after = together(given_, shifts([3, 9]), [0, 0], [0, 1], first=True)
    assert after.tolist() == [0, 1]


def test_no_dispatcher_knows_of_a_parcel_before_its_minute_or_of_a_strangers() -> None:
    given_, couriers, streets = a_busy_day(5)
    told: list[set[int]] = [set(), set()]

    def watch(carrier: int) -> Saying:
        inner = nearest()

        def answer(seen: DispatchObservation) -> DispatchPlan:
            assert (seen.jobs.placed <= seen.now).all()
            assert (seen.fleet.courier % 2 == carrier).all()
            told[carrier] |= set(seen.jobs.number.tolist())
            return inner.dispatch(seen)

        return Saying(answer)

    outcome, after = together(
        given_,
        couriers,
        [0] * 40,
        np.arange(6) % 2,
        first=True,
        dispatch=[watch(0), watch(1)],
        streets=streets,
    )
    for carrier in (0, 1):
        assert told[carrier] == set((np.flatnonzero(after == carrier) + 1000).tolist())
        assert told[carrier]
    assert len(outcome.job) == 40


def test_who_turns_work_down_is_asked_by_its_row_among_all_couriers() -> None:
    asked: list[tuple[int, int]] = []

    def accepts(courier: int, job: int) -> bool:
        asked.append((courier, job))
        return True

    given_ = jobs([1, 8], [3, 9], [610.0, 610.0])
    carriers = Carriers([nearest(), nearest()], np.array([0, 1]), np.array([1, 0]), False)
    live_together(
        given_, shifts([10, 0]), carriers, replace(world(), accepts=accepts), [None, None]
    )
    assert sorted(asked) == [(0, 1), (1, 0)]


def day_at(minute: float, given_: Jobs, couriers: Shifts) -> DeliveryDay:
    """A day on a line, lived up to a minute, before anything was ordered."""
    day = DeliveryDay(given_, couriers, Conditions(), nearest(), lambda _minute: line())
    day.advance(minute)
    return day


def test_who_is_idle_drives_to_the_shop_and_who_is_off_shift_never_comes() -> None:
    given_ = jobs([6], [9], [700.0])
    couriers = shifts([0, 8, 6], start=[600.0, 600.0, 800.0])
    day = day_at(650.0, given_, couriers)
    assert arrivals(day, 0, 650.0).tolist() == [656.0, 652.0, np.inf]


def test_nobody_comes_after_the_end_of_the_shift() -> None:
    day = day_at(655.0, jobs([6], [9], [700.0]), shifts([0, 5], end=660.0))
    assert arrivals(day, 0, 655.0).tolist() == [np.inf, 656.0]


@pytest.mark.parametrize(("capacity", "minute"), [(2, 618.0), (1, 629.0)])
def test_who_comes_to_the_shop_anyway_is_there_then_if_it_has_room(
    capacity: int, minute: float
) -> None:
    # From place 0 at 610 to the shop at 618, until 619 there, at the door at 624, back at 629.
    given_ = jobs([8, 8], [3, 0], [610.0, 611.0], ready=[619.0, 619.0])
    day = day_at(609.0, given_, shifts([0], capacity=capacity))
    day.jobs.admit(0)
    day.fleet.set_route(0, [(0, False), (0, True)])
    assert arrivals(day, 1, 610.0).tolist() == [minute]


def test_all_carriers_without_a_courier_today_leave_their_parcels_waiting() -> None:
    given_ = jobs([1, 2], [3, 4], [610.0, 620.0])
    policies = [Saying(all_to_the_first), Saying(all_to_the_first)]
    outcome, _ = together(given_, shifts([0]), [0, 1], [0], dispatch=policies)
    assert outcome.delivered.tolist() == [1000]
    assert outcome.courier[outcome.job == 1001].tolist() == [-1]
    assert not policies[1].asked
