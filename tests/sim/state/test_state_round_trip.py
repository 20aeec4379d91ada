"""States of anything that a market may hold: what is decoded equals what was encoded."""

import dataclasses
import datetime as dt
import json
import random
import re
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays_of
from scipy.sparse import csr_array

from policies.observations import Ruling
from policies.rules.price_monitor import PriceMonitor
from scenarios.schema import Scenario
from sim.campaigns import Campaigns
from sim.history import History
from sim.ledger import Owner
from sim.state import StateError, decode, encode
from sim.tables import Column


def again(thing: Any) -> Any:
    """The thing, from text and bytes alone."""
    state = encode(thing)
    text, blocks = json.dumps(state.tree), [block.tobytes() for block in state.blocks]
    return decode(json.loads(text), [memoryview(block) for block in blocks])


def strides(array: np.ndarray) -> list[int]:
    """The strides that matter: along which there is more than one cell."""
    if array.size == 0:
        return []
    return [step for step, length in zip(array.strides, array.shape, strict=True) if length > 1]


def assert_alike(one: Any, other: Any, pairs: dict[int, int] | None = None) -> None:
    """Two things are equal in type and content, and share alike."""
    pairs = {} if pairs is None else pairs
    assert type(one) is type(other)
    if isinstance(one, (list, dict, set, deque, np.ndarray)):
        if id(one) in pairs:
            assert pairs[id(one)] == id(other), "shared otherwise"
            return
        assert id(other) not in pairs.values(), "shared otherwise"
        pairs[id(one)] = id(other)
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape, one.flags.writeable) == (
            other.dtype,
            other.shape,
            other.flags.writeable,
        )
        assert one.tobytes() == other.tobytes()
        assert strides(one) == strides(other)
    elif isinstance(one, dict):
        assert len(one) == len(other)
        for (key, value), (other_key, other_value) in zip(one.items(), other.items(), strict=True):
            assert_alike(key, other_key, pairs)
            assert_alike(value, other_value, pairs)
    elif isinstance(one, (list, tuple, deque)):
        assert len(one) == len(other)
        for value, other_value in zip(one, other, strict=True):
            assert_alike(value, other_value, pairs)
    elif isinstance(one, (float, complex)):
        # Bit by bit: a value that is no number equals not even itself.
        assert np.complex128(one).tobytes() == np.complex128(other).tobytes()
    elif isinstance(one, np.generic):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()
    else:
        assert one == other


DTYPES = some.one_of(
    arrays_of.boolean_dtypes(),
    arrays_of.integer_dtypes(),
    arrays_of.unsigned_integer_dtypes(),
    arrays_of.floating_dtypes(sizes=(16, 32, 64)),
    arrays_of.complex_number_dtypes(sizes=(64, 128)),
    arrays_of.datetime64_dtypes(),
    arrays_of.timedelta64_dtypes(),
    arrays_of.unicode_string_dtypes(max_len=4),
    arrays_of.byte_string_dtypes(max_len=4),
    arrays_of.array_dtypes(max_size=3),
)
ARRAYS = DTYPES.flatmap(
    lambda dtype: arrays_of.arrays(
        dtype, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=4)
    )
)
SCALARS = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.integers(min_value=2**63, max_value=2**5000),
    some.floats(),
    some.text(alphabet=some.characters()),
    some.binary(),
    some.complex_numbers(),
    some.sampled_from([*Owner, np.dtype("<f4"), np.int32, Ellipsis, range(3, 9, 2)]),
    some.datetimes(),
    some.timedeltas(),
    some.fractions(),
)
KEYS = some.recursive(
    some.one_of(some.none(), some.integers(), some.text(), some.booleans(), some.binary()),
    lambda one: some.one_of(some.tuples(one, one), some.frozensets(one, max_size=3)),
    max_leaves=5,
)


@some.composite
def webs(draw: some.DrawFn) -> Any:
    """Containers that hold each other, themselves among them, and share what they hold."""
    leaves: list[Any] = draw(some.lists(some.one_of(SCALARS, ARRAYS), min_size=1, max_size=6))
    made: list[Any] = [
        kind()
        for kind in draw(
            some.lists(some.sampled_from([list, dict, deque, OrderedDict]), min_size=1, max_size=5)
        )
    ]
    pool = [*leaves, *made]
    pool += [draw(some.tuples(*[some.sampled_from(pool)] * 2)) for _ in range(2)]
    pool += [draw(some.sets(KEYS, max_size=3))]
    for container in made:
        parts = draw(some.lists(some.sampled_from(pool), max_size=5))
        if isinstance(container, dict):
            for part in parts:
                container[draw(KEYS)] = part
        else:
            container.extend(parts)
    return made[0]


@settings(max_examples=150, deadline=None)
@given(webs())
def test_webs_of_containers_come_back_equal_and_shared_alike(web: Any) -> None:
    assert_alike(web, again(web))


@settings(max_examples=100, deadline=None)
@given(ARRAYS, some.data())
def test_views_stay_views_of_the_same_memory(array: np.ndarray, data: Any) -> None:
    if array.ndim == 0:
        array = array.reshape(1)
    views = [array, array.T, array[::-1], array[..., ::2], array[1:]]
    chosen = data.draw(some.permutations(views))[: data.draw(some.integers(1, 5))]
    chosen[0].flags.writeable = data.draw(some.booleans())
    other = again(chosen)
    for one, its in zip(chosen, other, strict=True):
        assert (one.dtype, one.shape) == (its.dtype, its.shape)
        assert strides(one) == strides(its)
        assert one.flags.writeable == its.flags.writeable
        assert one.tobytes() == its.tobytes()
    for place, one in enumerate(chosen):
        for further in range(place):
            assert np.shares_memory(one, chosen[further]) == np.shares_memory(
                other[place], other[further]
            )


def test_what_is_written_through_a_view_is_seen_in_its_base() -> None:
    base = np.arange(12).reshape(3, 4)
    held = again({"base": base, "column": base[:, 1], "row": base[2]})
    held["column"][:] = -1
    assert held["base"][2, 1] == held["row"][1] == -1
    assert base[2, 1] == 9


def test_a_part_of_an_array_is_saved_without_the_rest() -> None:
    great = np.zeros((1000, 1000))
    state = encode(great[10:12])
    assert sum(len(block) for block in state.blocks) == 2 * 1000 * 8


def test_gaps_between_what_is_held_do_not_depend_on_what_lies_there() -> None:
    one, other = np.arange(10), np.arange(10)
    other[1::2] = 99
    assert encode(one[::2]).blocks[0].tobytes() == encode(other[::2]).blocks[0].tobytes()


def test_layout_in_memory_stays_so_that_sums_have_the_same_last_digits() -> None:
    columns = np.asfortranarray(np.random.default_rng(1).random((40, 30)))
    other = again(columns)
    assert other.flags.f_contiguous
    assert columns.sum(axis=1).tobytes() == other.sum(axis=1).tobytes()


def test_arrays_of_objects_hold_what_they_held() -> None:
    inner = [1]
    array = np.array([[inner, None], ["x", inner]], dtype=object)
    other = again(array)
    assert other.shape == (2, 2)
    assert other[0, 0] is other[1, 1]
    assert other[1, 0] == "x"


VALUES = [
    float("nan"),
    float("-inf"),
    -0.0,
    complex(0.0, float("nan")),
    complex(-0.0, float("inf")),
    np.float32("nan"),
    np.datetime64("2024-02-29", "D"),
    np.str_("é"),
    slice(1, None, 2),
    Decimal("1.10"),
    Fraction(1, 3),
    dt.date(2024, 2, 29),
    Path("a") / "b",
    re.compile("a+", re.IGNORECASE),
    Owner.MERCHANT,
    (1, True, 1.0, "1"),
    frozenset({"a", ("b", 2)}),
    Counter("banana"),
    Column(np.int8, "day", "what"),
    Ruling(max_subsidy=None),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_of_many_kinds_come_back(value: Any) -> None:
    assert_alike([value], again([value]))


def test_equal_numbers_of_different_types_are_not_mixed_up() -> None:
    values = [(1,), (True,), (1.0,), (np.int64(1),), (0.0,), (-0.0,)]
    assert [repr(one) for one in again(values)] == [repr(one) for one in values]


def test_containers_keep_their_ways() -> None:
    limited = again(deque([1, 2], maxlen=2))
    limited.append(3)
    assert list(limited) == [2, 3]
    counted = again(defaultdict(list, {"a": [1]}))
    assert counted["b"] == []
    assert vars(again(SimpleNamespace(a=1))) == {"a": 1}


def test_settings_come_back_equal_and_frozen() -> None:
    scenario = again(Scenario(name="x"))
    assert scenario == Scenario(name="x")
    assert scenario.model_fields_set == {"name"}
    with pytest.raises(ValueError, match="frozen"):
        scenario.name = "y"


def test_a_frozen_dataclass_may_be_a_key() -> None:
    key = Column(np.int8, "day", "what")
    held = again({key: 1, (key, 2): 3})
    assert held[key] == 1
    assert held[key, 2] == 3


def test_a_cycle_through_a_tuple_closes() -> None:
    ring: list[Any] = []
    ring.append((ring, 1))
    other = again(ring)
    assert other[0][0] is other


def test_a_sliding_window_slides_on() -> None:
    past = History(3, 2)
    for day in range(5):
        past.push([day, -day])
    other = again(past)
    for one in (past, other):
        one.grow(1)
        one.push([9, 9, 9])
    assert other.days.tolist() == past.days.tolist() == [[3, -3, 0], [4, -4, 0], [9, 9, 9]]


def test_named_tuples_keep_their_class() -> None:
    fields = Campaigns._fields
    made = Campaigns(*(np.full(2, number) for number in range(len(fields))))
    other = again(made)
    assert isinstance(other, Campaigns)
    assert all(one.tobytes() == its.tobytes() for one, its in zip(made, other, strict=True))


GENERATORS = [
    np.random.Generator(kind(7))
    for kind in (
        np.random.PCG64,
        np.random.PCG64DXSM,
        np.random.MT19937,
        np.random.SFC64,
        np.random.Philox,
    )
] + [np.random.Generator(np.random.Philox(key=3))]


@pytest.mark.parametrize("rng", GENERATORS, ids=lambda rng: type(rng.bit_generator).__name__)
def test_generators_go_on_in_their_streams(rng: np.random.Generator) -> None:
    rng.random(3), rng.integers(0, 9, dtype=np.uint8)
    other = again(rng)
    assert rng.random(100).tobytes() == other.random(100).tobytes()
    assert rng.normal(size=9).tobytes() == other.normal(size=9).tobytes()
    if rng.bit_generator.seed_seq is not None:
        assert rng.spawn(1)[0].random() == other.spawn(1)[0].random()


def test_two_generators_of_one_stream_still_share_it() -> None:
    bits = np.random.PCG64(1)
    one, other = again([np.random.Generator(bits), np.random.Generator(bits)])
    assert one.random() != other.random()
    assert one.bit_generator is other.bit_generator


def test_pythons_own_generator_goes_on() -> None:
    luck = random.Random(5)
    luck.gauss(0, 1)
    other = again(luck)
    assert [luck.random(), luck.gauss(0, 1)] == [other.random(), other.gauss(0, 1)]


def test_sparse_arrays_come_back() -> None:
    matrix = csr_array(np.array([[0.0, 2.0], [3.0, 0.0]]))
    assert (again(matrix) @ np.ones(2)).tolist() == [2.0, 3.0]


def layered() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    with torch.no_grad():
        for number, parameter in enumerate(network.parameters()):
            parameter.copy_(
                torch.linspace(-1, 1, parameter.numel()).reshape(parameter.shape) + number
            )
    return network, torch.optim.Adam(network.parameters(), lr=0.01)


def trained(network: torch.nn.Module, optimiser: torch.optim.Optimizer, steps: int) -> None:
    data = torch.linspace(0, 1, 30).reshape(10, 3)
    for _ in range(steps):
        optimiser.zero_grad()
        network(data).square().mean().backward()
        optimiser.step()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_network_trains_on_with_its_optimiser_as_if_nothing_had_been() -> None:
    network, optimiser = layered()
    trained(network, optimiser, 3)
    other, its = again([network, optimiser])
    assert its.param_groups[0]["params"][0] is next(other.parameters())
    trained(network, optimiser, 3)
    trained(other, its, 3)
    for one, further in zip(network.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, further)


def test_tensors_of_all_types_and_views_of_arrays_come_back() -> None:
    for dtype in (torch.bfloat16, torch.float16, torch.int64, torch.bool):
        tensor = torch.tensor([[0, 1], [1, 0]]).to(dtype)
        assert torch.equal(again(tensor), tensor)
    array = np.zeros(3, np.float32)
    held, its = again([array, torch.from_numpy(array)])
    held[1] = 5.0
    assert its[1] == 5.0


def test_torchs_generator_goes_on() -> None:
    luck = torch.Generator().manual_seed(4)
    torch.rand(3, generator=luck)
    other = again(luck)
    assert torch.equal(torch.rand(5, generator=luck), torch.rand(5, generator=other))


class Local:
    """A class of no package of Weal's."""


UNKNOWN = {
    "a lock": (threading.Lock(), "_thread.lock"),
    "a class of another package": (Local(), "Local"),
    "a generator function": ((one for one in [1]), "generator"),
    "a function of no package": (lambda: 1, "function"),
    "a masked array": (np.ma.array([1], mask=[True]), "MaskedArray"),
    "an array of texts of any length": (np.array(["a"], dtype=np.dtypes.StringDType()), "StringDT"),
    "a result of a computation": (torch.ones(1, requires_grad=True) * 2, "detach"),
    "an error": (ValueError("x"), "ValueError"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_cannot_be_saved_is_named_with_the_way_to_it(what: str) -> None:
    thing, told = UNKNOWN[what]
    with pytest.raises(StateError, match=rf"state\.deep\['a'\]\[1\]: cannot save .*{told}"):
        encode(SimpleNamespace(deep={"a": [0, thing]}))


def test_a_policy_is_named_with_what_it_holds() -> None:
    policy = PriceMonitor(PriceMonitor.Params())
    vars(policy)["door"] = threading.Lock()
    with pytest.raises(StateError, match=r"\.door \(of rule policy 'price_monitor'\)"):
        encode({"policy": policy})


FORGED = [
    (["name", "os:system"], "no package of Weal's"),
    (["name", "subprocess:Popen"], "no package of Weal's"),
    (["name", "scenarios.atomic:os"], "neither a class nor a function"),
    (["name", "builtins:eval"], "no package of Weal's"),
    (["member", "sim.columns:Consumers", "x"], "no enumeration"),
    (["scalar type", "load"], "no type of NumPy's"),
    (["optimiser", "os:system", {}, [], {}], "no optimiser"),
    (["array", "|O", [1], True, 0, 0, None, "C"], "objects"),
    (["array", "<f8", [4], True, 0, 0, None, "C"], "does not hold"),
    (["array", "<f8", [4], True, 0, 0, [8], "C"], "block 0"),
    (["array", "<f8", [1], True, 9, 0, None, "C"], "no block 9"),
    (["what", 1], "no such kind"),
]


@pytest.mark.parametrize(("entry", "told"), FORGED, ids=lambda one: str(one[:2]))
def test_a_forged_state_is_refused_and_runs_nothing(entry: list[Any], told: str) -> None:
    tree = {"root": [0], "entries": [entry], "shapes": []}
    with pytest.raises(StateError, match=told):
        decode(tree, [memoryview(b"\0" * 8)])


def test_a_forged_shape_is_refused() -> None:
    tree = {"root": [0], "entries": [["object", 0]], "shapes": [["threading:Thread"]]}
    with pytest.raises(StateError, match="no package of Weal's"):
        decode(tree, [])


def test_every_field_of_a_record_that_a_market_holds_is_saved() -> None:
    record = Column(np.int8, "day", "what", hidden=True)
    assert dataclasses.asdict(again(record)) == dataclasses.asdict(record)
