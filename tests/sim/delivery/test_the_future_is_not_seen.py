"""What a dispatcher is shown until a minute does not depend on anything that happens after it."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.observations import DispatchObservation, DispatchPlan
from sim.delivery.jobs import Jobs, Shifts
from tests.courier_days import live, plane
from tests.courier_worlds import PLACES, Whimsical, world


class Remembering:
    """Another policy, with all that it was shown."""

    family = "dispatch"

    def __init__(self, policy: Any, decides_every: float) -> None:
        self.policy, self.name = policy, policy.name
        self.decides_every = decides_every
        self.shown: list[tuple[float, bytes]] = []

    def dispatch(self, seen: DispatchObservation) -> DispatchPlan:
        arrays = [seen.waiting, seen.changed, seen.refused]
        for part in (seen.jobs, seen.fleet):
            arrays += [getattr(part, field.name) for field in fields(part)]
        self.shown.append((seen.now, b"|".join(array.tobytes() for array in arrays)))
        return self.policy.dispatch(seen)

    def until(self, minute: float) -> list[tuple[float, bytes]]:
        return [(now, shown) for now, shown in self.shown if now <= minute]


def another_future(given: Jobs, people: Shifts, minute: float) -> tuple[Jobs, Shifts]:
    """The same day until a minute, and another one after it."""
    later = given.known_at > minute
    rng = np.random.default_rng(0)
    n = len(given.number)

    def after(column: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.where(column > minute, other, column)

    placed = np.where(later, minute + 1 + rng.uniform(0, 60, n), given.placed)
    return replace(
        given,
        pickup=np.where(later, rng.integers(0, PLACES, n), given.pickup),
        dropoff=np.where(later, rng.integers(0, PLACES, n), given.dropoff),
        placed=placed,
        known_at=placed,
        expected_ready=np.where(later, placed + 3, given.expected_ready),
        deadline=np.where(later, np.inf, given.deadline),
        ready=after(given.ready, minute + rng.uniform(0.1, 60, n)),
        cancelled_at=after(given.cancelled_at, np.full(n, np.inf)),
        fails=np.where(later[:, None], ~given.fails, given.fails),
    ), replace(people, offline_at=after(people.offline_at, np.full(len(people.offline_at), np.inf)))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), minute=st.integers(600, 800), every=st.sampled_from([0, 5]))
def test_another_future_changes_nothing_until_it_comes(seed: int, minute: int, every: int) -> None:
    days = [world(seed)]
    days.append(another_future(*days[0], float(minute)))
    shown = []
    for parcels, people in days:
        policy = Remembering(Whimsical(seed), float(every))
        live(policy, parcels, people, streets=plane(PLACES, seed), retry_after=15.0)
        shown.append(policy.until(float(minute)))
    assert shown[0] == shown[1]
