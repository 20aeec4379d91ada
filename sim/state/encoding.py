"""Objects into entries: one for each thing that has an identity, which others refer to by number.

In an entry, `[7]` refers to entry 7; numbers, texts, true, false and null are themselves. Arrays
are kept apart, as blocks of memory.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from types import MemberDescriptorType, MethodType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.state import agents, torch_parts
from sim.state.chance import chance_to_list
from sim.state.errors import StateError
from sim.state.memory import Bytes, dtype_to_plain, place
from sim.state.names import name_of, strange_base
from sim.state.values import is_plain, to_list


@dataclass(frozen=True, slots=True)
class Encoded:
    """A state: its entries, and the memory of its arrays as it is at this moment."""

    tree: dict[str, Any]  # what JSON can hold
    blocks: list[Bytes]  # views of the arrays themselves: to be read before anything goes on


@dataclass(frozen=True, slots=True)
class _Way:
    """How something was reached: for the message that it cannot be saved."""

    owner: Any
    step: str
    before: _Way | None = None

    def to(self, owner: Any, step: str) -> _Way:
        return _Way(owner, step, self)

    def told(self) -> str:
        steps, way = [], self
        while way.before is not None:
            steps.append(way.step)
            way = way.before
        return way.step + "".join(reversed(steps))

    def policy(self) -> str:
        """The policy on the way, if there is one, as messages name it."""
        way: _Way | None = self
        while way is not None:
            family, name = (getattr(type(way.owner), what, None) for what in ("family", "name"))
            if isinstance(family, str) and isinstance(name, str):
                return f"{family} policy {name!r}"
            way = way.before
        return ""


def encode(thing: Any, name: str = "state") -> Encoded:
    """All that can be reached from a thing.

    Args:
        thing: a market, or anything that a market may hold.
        name: what messages call it.

    Raises:
        StateError: if something in it cannot be saved; it says where that is.
    """
    return _Encoder().encode(thing, name)


def attributes(thing: Any) -> dict[str, Any]:
    """Everything that an object holds, in its slots and in its dictionary, by name."""
    found: dict[str, Any] = {}
    for kind in reversed(type(thing).__mro__):
        for name, member in vars(kind).items():
            if isinstance(member, MemberDescriptorType):
                try:
                    found[name] = member.__get__(thing, kind)
                except AttributeError:
                    continue  # a slot that is empty
    found.update(getattr(thing, "__dict__", {}))
    return found


class _Encoder:
    """One walk."""

    def __init__(self) -> None:
        self._entries: list[list[Any]] = []
        self._shapes: list[list[Any]] = []
        self._number_of_shape: dict[tuple[str, ...], int] = {}
        self._number_of: dict[int, int] = {}  # by id
        self._number_of_value: dict[str, int] = {}  # by the text of the entry
        self._values: set[int] = set()  # numbers of entries that are values alone
        self._alive: list[Any] = []  # so that no id is given twice
        self._waiting: deque[tuple[int, Any, _Way]] = deque()
        self._arrays: list[NDArray[Any]] = []
        self._entry_of_array: list[int] = []

    def encode(self, thing: Any, name: str) -> Encoded:
        root = self.value(thing, _Way(None, name))
        while self._waiting:
            number, one, way = self._waiting.popleft()
            self._entries[number] = self._entry(number, one, way)
        places, blocks = place(self._arrays)
        for number, at in zip(self._entry_of_array, places, strict=True):
            strides = None if at.strides is None else list(at.strides)
            self._entries[number] += [at.block, at.offset, strides, at.order]
        tree = {"root": root, "entries": self._entries, "shapes": self._shapes}
        return Encoded(tree, blocks)

    def value(self, thing: Any, way: _Way) -> Any:
        """What stands for a thing in the entry of another."""
        if is_plain(thing):
            return thing
        if id(thing) in self._number_of:
            return [self._number_of[id(thing)]]
        told = to_list(thing)
        if told is not None:
            return self._as_value(thing, told)
        if type(thing) is frozenset:
            return self._unchanging(thing, ["frozenset"], _in_order(thing), way)
        if isinstance(thing, tuple):
            return self._unchanging(thing, self._kind_of_tuple(thing, way), thing, way)
        number = self._new(thing)
        self._waiting.append((number, thing, way))
        return [number]

    def values(self, things: Iterable[Any], way: _Way) -> list[Any]:
        """What stands for the entries of a sequence."""
        return [
            self.value(one, way.to(one, f"[{place}]")) if not is_plain(one) else one
            for place, one in enumerate(things)
        ]

    def named(self, named: dict[str, Any], way: _Way) -> list[Any]:
        """What stands for attributes."""
        return [self.value(one, way.to(one, f".{name}")) for name, one in named.items()]

    def array(self, number: int, array: NDArray[Any]) -> list[Any]:
        """The part of an entry that says what an array is; its place follows at the end."""
        self._arrays.append(array)
        self._entry_of_array.append(number)
        self._alive.append(array)
        writeable = bool(array.flags.writeable)
        return [dtype_to_plain(array.dtype), list(array.shape), writeable]

    def shape(self, kind: type[Any], names: Iterable[str], way: _Way) -> int:
        """The number of a class and the names of what its object holds.

        Raises:
            StateError: if the class is none whose objects can be made again.
        """
        name, strange = name_of(kind), strange_base(kind)
        if name is None:
            raise refusal(kind, way)
        if strange:
            raise refusal(
                kind, way, f"it derives from {strange}, which may hold more than it shows"
            )
        key = (name, *names)
        if key not in self._number_of_shape:
            self._number_of_shape[key] = len(self._shapes)
            self._shapes.append(list(key))
        return self._number_of_shape[key]

    def _new(self, thing: Any) -> int:
        number = len(self._entries)
        self._entries.append([])
        self._number_of[id(thing)] = number
        self._alive.append(thing)
        return number

    def _as_value(self, thing: Any, told: list[Any]) -> list[int]:
        text = json.dumps(told)
        if text not in self._number_of_value:
            self._number_of_value[text] = self._new(thing)
            self._entries[-1] = told
            self._values.add(len(self._entries) - 1)
        return [self._number_of_value[text]]

    def _unchanging(
        self, thing: Any, head: list[Any], parts: Iterable[Any], way: _Way
    ) -> list[int]:
        """A tuple or frozen set: a value where all its parts are, else a thing of its own."""
        told = [*head, *self.values(parts, way)]
        body = told[len(head) :]
        if all(not isinstance(one, list) or one[0] in self._values for one in body):
            number = self._as_value(thing, told)[0]
            self._number_of[id(thing)] = number
            self._alive.append(thing)
            return [number]
        number = self._new(thing)
        self._entries[number] = told
        return [number]

    def _kind_of_tuple(self, thing: tuple[Any, ...], way: _Way) -> list[Any]:
        kind = type(thing)
        if kind is tuple:
            return ["tuple"]
        name = name_of(kind)
        if name is None or not hasattr(kind, "_fields") or getattr(thing, "__dict__", None):
            raise refusal(kind, way)
        return ["named", name]

    def _entry(self, number: int, thing: Any, way: _Way) -> list[Any]:
        kind = type(thing)
        if kind is list:
            return ["list", *self.values(thing, way)]
        if kind is deque:
            return ["deque", thing.maxlen, *self.values(thing, way)]
        if kind is set:
            return ["set", *self.values(_in_order(thing), way)]
        if kind in (dict, OrderedDict, Counter):
            return [kind.__name__, *self._pairs(thing, way)]
        if kind is defaultdict:
            factory = self.value(thing.default_factory, way.to(None, ".default_factory"))
            return ["defaultdict", factory, *self._pairs(thing, way)]
        if kind is bytearray:
            return ["bytearray", bytes(thing).hex()]
        if kind is np.ndarray:
            return self._array_entry(number, thing, way)
        if kind is MethodType:
            return self._method(thing, way)
        if kind is SimpleNamespace:
            names = list(vars(thing))
            return ["namespace", names, *self.named(vars(thing), way)]
        chance = chance_to_list(thing)
        if chance is not None:
            tag, *parts = chance
            return [tag, *self.values(parts, way)]
        if torch_parts.is_ours(thing):
            return torch_parts.to_entry(thing, number, self, way)
        return self._object(thing, way)

    def _pairs(self, thing: dict[Any, Any], way: _Way) -> list[Any]:
        told = []
        for key, one in thing.items():
            told.append(self.value(key, way.to(key, f".keys()[{key!r:.40}]")))
            told.append(self.value(one, way.to(one, f"[{key!r:.40}]")))
        return told

    def _array_entry(self, number: int, thing: NDArray[Any], way: _Way) -> list[Any]:
        if thing.dtype == object:
            flat = self.values(thing.ravel(order="C").tolist(), way)
            return ["objects", list(thing.shape), bool(thing.flags.writeable), *flat]
        if thing.dtype.hasobject or type(thing.dtype).__module__ == "numpy.dtypes.StringDType":
            raise refusal(type(thing), way, f"its type is {thing.dtype}")
        try:
            return ["array", *self.array(number, thing)]
        except ValueError as error:
            raise refusal(type(thing), way, str(error)) from None

    def _method(self, thing: MethodType, way: _Way) -> list[Any]:
        owner, name = thing.__self__, thing.__func__.__name__
        if isinstance(owner, type) or vars(type(owner)).get(name) is not thing.__func__:
            raise refusal(type(thing), way)
        return ["method", self.value(owner, way.to(owner, ".__self__")), name]

    def _object(self, thing: Any, way: _Way) -> list[Any]:
        kind = type(thing)
        if agents.is_model(thing):
            registry, held = agents.parts_of(thing)
            told = [self.value(registry, way.to(registry, ".agents"))]
            tag = "model"
        else:
            held, told, tag = attributes(thing), [], "object"
        for name in getattr(kind, "NOT_SAVED", ()):
            held.pop(name, None)
        number = self.shape(kind, held, way)
        return [tag, number, *told, *self.named(held, way)]


def refusal(kind: type[Any], way: _Way, why: str = "") -> StateError:
    """The error that something cannot be saved."""
    policy = way.policy()
    where = f" (of {policy})" if policy else ""
    told = f"{way.told()}{where}: cannot save a {kind.__module__}.{kind.__qualname__}"
    told += f": {why}" if why else ""
    return StateError(
        f"{told}; hold numbers, texts, arrays, containers and objects of "
        "your own file's classes, or name what is worked out again in NOT_SAVED, as "
        "docs/checkpoints.md tells"
    )


def _in_order(things: Iterable[Any]) -> list[Any]:
    """Entries of a set in an order that depends on them alone, as far as their words do."""
    return sorted(things, key=lambda one: (type(one).__qualname__, repr(one)))
