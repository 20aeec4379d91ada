"""What every family of policies is handed, walked to the last array."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from experiments.running import resolve
from policies.protocols import FAMILIES
from scenarios.build import build
from sim.market import Marketplace

LEARNING = "learn"


def arrays_in(value: Any, name: str) -> Iterator[tuple[str, np.ndarray]]:
    """Every array below a value, with the dotted name under which it is found."""
    if isinstance(value, np.ndarray):
        yield name, value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from arrays_in(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, (tuple, list)):
        for one in value[:50]:
            yield from arrays_in(one, f"{name}[]")


@pytest.fixture(scope="module")
def watched() -> Iterator[tuple[Marketplace, dict[str, Any]]]:
    """A market of all kinds of misconduct, and the writable or secret arrays that it hands out."""
    recommended = ['policies.recommendation.name="learned"', 'consumers.ratings.model="latent"']
    scenario, folder = resolve("tiny", overrides=recommended)
    market = build(scenario, folder=folder)
    found: dict[str, Any] = {"writable": set(), "secret": set(), "families": set()}

    def watch(policy: Any, method: str) -> None:
        original = getattr(policy, method)

        def recorded(*arguments: Any) -> Any:
            found["families"].add(policy.family)
            fakes = market.listings.counterfeit
            for name, array in arrays_in(arguments, f"{policy.family}.{method}"):
                if array.size and array.flags.writeable:
                    found["writable"].add(name)
                same = array.shape == fakes.shape and np.array_equal(array, fakes)
                if same and fakes.any():
                    found["secret"].add(name)
            return original(*arguments)

        setattr(policy, method, recorded)

    for policy in market.policies.all():
        for method in (FAMILIES[policy.family][1], LEARNING):
            if hasattr(policy, method):
                watch(policy, method)
    for _ in range(8):
        market.step()
    yield market, found
    market.end()


def test_no_policy_is_told_which_goods_are_counterfeit(watched) -> None:
    market, found = watched
    assert found["families"] == set(FAMILIES)
    assert market.listings.counterfeit.any()
    assert found["secret"] == set()


@pytest.mark.parametrize(
    "method",
    [*sorted([*(f"{f}.{m}" for f, (_, m) in FAMILIES.items()), "recommendation.learn"])],
)
def test_what_a_policy_is_shown_cannot_be_written(watched, method: str) -> None:
    _, found = watched
    assert sorted(name for name in found["writable"] if name.startswith(f"{method}[]")) == []
