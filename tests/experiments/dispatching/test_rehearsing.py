"""Dispatchers are compiled before they are timed, and whoever waits for it is told."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core.registry import CPUDispatcher

from experiments.dispatching import rehearsing
from experiments.dispatching.chosen_policy import choose
from experiments.dispatching.living import live
from experiments.dispatching.reading import read_instance
from experiments.dispatching.rehearsing import SAID, rehearse, some_of
from policies import dispatch
from policies.dispatch.cheapest_insertion import CheapestInsertion
from policies.dispatch.nearest import NearestCourier
from tests.dispatch_instances import write_meals, write_vehicles

KERNELS = [
    kernel
    for found in iter_modules(dispatch.__path__)
    for kernel in vars(import_module(f"{dispatch.__name__}.{found.name}")).values()
    if isinstance(kernel, CPUDispatcher)
]


def signatures() -> dict[str, list[Any]]:
    return {kernel.__name__: list(kernel.signatures) for kernel in KERNELS}


@pytest.mark.parametrize("write", [write_meals, write_vehicles])
@pytest.mark.parametrize("policy", ["local_search", "cheapest_insertion"])
def test_nothing_is_left_to_compile_after_a_rehearsal(
    tmp_path: Path, write: Callable[[Path], Path], policy: str
) -> None:
    instance = read_instance(write(tmp_path / "day.txt"))
    rehearse(instance, choose(policy, (), instance.problem)[0], print)
    before = signatures()
    live(instance, choose(policy, (), instance.problem)[0])
    assert any(before.values())
    assert signatures() == before


def test_some_orders_of_the_middle_of_the_day_are_taken(tmp_path: Path) -> None:
    instance = read_instance(write_meals(tmp_path / "day", orders=30))
    some = some_of(instance, 8)
    assert len(some.orders) == len(some.jobs.number) == 8
    earlier = instance.jobs.known_at < some.jobs.known_at.min()
    later = instance.jobs.known_at > some.jobs.known_at.max()
    assert earlier.sum() > 5
    assert later.sum() > 5
    for name, dropoff in zip(some.orders, some.jobs.dropoff, strict=True):
        assert instance.point_names[dropoff] == name
    assert some_of(instance, 99).orders == instance.orders


class Compiles(CheapestInsertion):
    """Has a kernel that is compiled anew each time."""

    name = "compiles"

    def dispatch(self, observation: Any) -> Any:
        njit(lambda x: x + 1)(observation.now)
        return super().dispatch(observation)


def test_who_waits_for_a_compiler_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = read_instance(write_meals(tmp_path / "day"))
    monkeypatch.setattr(rehearsing, "NOTICED", -1.0)
    said: list[str] = []
    rehearse(instance, Compiles(Compiles.Params(name="compiles")), said.append)
    assert said == [SAID]
    rehearse(instance, choose("cheapest_insertion", (), instance.problem)[0], said.append)
    assert said == [SAID]  # loaded, as it has been compiled above


def test_who_has_no_kernels_rehearses_nothing(tmp_path: Path) -> None:
    class Counts(NearestCourier):
        asked = 0

        def dispatch(self, observation: Any) -> Any:
            self.asked += 1
            return super().dispatch(observation)

    instance = read_instance(write_meals(tmp_path / "day"))
    policy = Counts(Counts.Params(name="nearest"))
    rehearse(instance, policy, print)
    assert policy.asked == 0
    live(instance, policy)
    assert policy.asked > 0


def test_a_dispatcher_cannot_change_the_ways(tmp_path: Path) -> None:
    travel = read_instance(write_meals(tmp_path / "day")).travel
    for table in (travel.minutes, travel.metres):
        with pytest.raises(ValueError, match="WRITEABLE"):
            table.flags.writeable = True
        assert np.isfinite(table).all()
