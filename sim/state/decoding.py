"""Entries into objects: first every thing empty, then what each holds, then what they work out.

Objects are made without calling anything of their class; nothing that a state says is run.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Sequence
from types import MemberDescriptorType, MethodType, SimpleNamespace
from typing import Any

import numpy as np

from sim.state import agents, chance, torch_parts, values
from sim.state.errors import StateError
from sim.state.memory import Bytes, Memory, Placed, dtype_from_plain
from sim.state.names import find_class, strange_base

_EMPTY: dict[str, Any] = {
    "list": list,
    "set": set,
    "dict": dict,
    "OrderedDict": OrderedDict,
    "Counter": Counter,
    "namespace": SimpleNamespace,
}
_KEYED = frozenset({"dict", "OrderedDict", "Counter", "defaultdict"})


def decode(tree: dict[str, Any], blocks: Sequence[memoryview | Bytes]) -> Any:
    """The thing that `encode` walked, with all that it held.

    Args:
        tree: its entries.
        blocks: the memory of its arrays, which is copied.

    Raises:
        StateError: if the state is not what `encode` makes, or names what this program lacks.
    """
    try:
        return _Decoder(tree, blocks).decode()
    except StateError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise StateError(f"not a whole state: {type(error).__name__}: {error}") from error


class _Decoder:
    """One reading."""

    def __init__(self, tree: dict[str, Any], blocks: Sequence[memoryview | Bytes]) -> None:
        self._root = tree["root"]
        self._entries: list[list[Any]] = tree["entries"]
        self._kinds = [_kind(shape) for shape in tree["shapes"]]
        self._names: list[list[str]] = [shape[1:] for shape in tree["shapes"]]
        self._memory = Memory(blocks)
        self._made: dict[int, Any] = {}
        self._filled: set[int] = set()
        self._last: list[tuple[int, Any]] = []  # what is finished when all else is there

    def decode(self) -> Any:
        for number in range(len(self._entries)):
            self._fill(number)
        for number, thing in self._last:
            self._finish(self._entries[number], thing)
        for number in reversed(range(len(self._entries))):
            if self._entries[number][0] in ("object", "model"):
                after = getattr(self._made[number], "after_loading", None)
                if after is not None:
                    after()
        return self._get(self._root)

    def _get(self, told: Any) -> Any:
        """What stands in an entry: a plain value, or `[number]` of another entry's thing."""
        return self._thing(told[0]) if isinstance(told, list) else told

    def _all(self, told: Sequence[Any]) -> list[Any]:
        return [self._get(one) for one in told]

    def _thing(self, number: int) -> Any:
        if number not in self._made:
            self._made[number] = self._make(self._entries[number])
        return self._made[number]

    def _make(self, entry: list[Any]) -> Any:
        """A thing that is empty yet, or whole if it can never change."""
        tag, *parts = entry
        if tag in _EMPTY:
            return _EMPTY[tag]()
        if tag in values.TAGS:
            return values.from_list(entry)
        if tag == "tuple":
            return tuple(self._all(parts))
        if tag == "frozenset":
            self._fill_all(parts)
            return frozenset(self._all(parts))
        if tag == "named":
            return self._named_tuple(*parts)
        if tag == "deque":
            return deque(maxlen=parts[0])
        if tag == "defaultdict":
            return defaultdict(self._get(parts[0]))
        if tag == "bytearray":
            return bytearray.fromhex(parts[0])
        if tag == "method":
            return self._method(*parts)
        if tag in chance.TAGS:
            self._fill_all(parts)
            return chance.chance_from_list(tag, self._all(parts))
        if tag in ("object", "model"):
            return object.__new__(self._kinds[parts[0]])
        return self._array_or_tensor(tag, parts)

    def _array_or_tensor(self, tag: str, parts: list[Any]) -> Any:
        if tag == "array":
            array = self._array(*parts)
            array.flags.writeable = parts[2]
            return array
        if tag == "objects":
            return np.empty(tuple(parts[0]), dtype=object)
        if tag == torch_parts.TENSOR:
            dtype, requires_grad, parameter, _, *place = parts
            return torch_parts.tensor(
                self._array(*place),
                dtype,
                requires_grad=requires_grad,
                parameter=parameter,
                alone=place[5] is None,
            )
        if tag == torch_parts.GENERATOR:
            return torch_parts.generator(self._get(parts[0]))
        if tag == torch_parts.DTYPE:
            return torch_parts.dtype_of(parts[0])
        if tag == torch_parts.OPTIMISER:
            return torch_parts.empty_optimiser(parts[0])
        raise StateError(f"{tag!r}: there is no such kind of entry")

    def _array(
        self,
        dtype: Any,
        shape: list[int],
        _writeable: bool,
        block: int,
        offset: int,
        strides: list[int] | None,
        order: str,
    ) -> Any:
        place = Placed(block, offset, None if strides is None else tuple(strides), order)
        return self._memory.array(place, dtype_from_plain(dtype), tuple(shape))

    def _fill(self, number: int) -> None:
        """Give a thing what it holds, once."""
        if number in self._filled:
            return
        self._filled.add(number)
        thing = self._thing(number)
        tag, *parts = self._entries[number]
        if tag == "list":
            thing.extend(self._all(parts))
        elif tag == "deque":
            thing.extend(self._all(parts[1:]))
        elif tag == "set":
            self._fill_all(parts)
            thing.update(self._all(parts))
        elif tag in _KEYED:
            pairs = parts[1:] if tag == "defaultdict" else parts
            self._fill_all(pairs[::2])
            for key, one in zip(pairs[::2], pairs[1::2], strict=True):
                thing[self._get(key)] = self._get(one)
        elif tag == "namespace":
            vars(thing).update(zip(parts[0], self._all(parts[1:]), strict=True))
        elif tag == "objects":
            flat = np.empty(len(parts[2:]), dtype=object)
            for place, one in enumerate(parts[2:]):
                flat[place] = self._get(one)
            thing[...] = flat.reshape(thing.shape)
            thing.flags.writeable = parts[1]
        elif tag == "object":
            self._set_attributes(thing, parts[0], parts[1:])
        elif tag == "model":
            self._set_attributes(thing, parts[0], parts[2:])
            self._last.append((number, thing))
        elif tag == torch_parts.OPTIMISER:
            self._last.append((number, thing))
        elif tag == torch_parts.TENSOR and parts[3] is not None:
            thing.grad = self._get(parts[3])

    def _fill_all(self, told: Sequence[Any]) -> None:
        """Fill keys before they are used as such: their hash may look at what they hold."""
        for one in told:
            if isinstance(one, list):
                self._fill_key(one[0], set())

    def _fill_key(self, number: int, seen: set[int]) -> None:
        if number in seen or not self._is_hashed_by_content(number):
            return
        seen.add(number)
        self._fill(number)
        for one in self._entries[number]:
            if isinstance(one, list) and len(one) == 1 and isinstance(one[0], int):
                self._fill_key(one[0], seen)

    def _is_hashed_by_content(self, number: int) -> bool:
        thing = self._thing(number)
        if isinstance(thing, (tuple, dict)):  # a dictionary is the state of a generator
            return True
        kind: Any = type(thing)
        return bool(kind.__hash__ is not object.__hash__) and self._entries[number][0] == "object"

    def _set_attributes(self, thing: Any, shape: int, told: Sequence[Any]) -> None:
        kind = type(thing)
        held = dict(zip(self._names[shape], self._all(told), strict=True))
        for name in getattr(kind, "NOT_SAVED", ()):
            held.update(_default(kind, name))
        for name, one in held.items():
            slot = _slot(kind, name)
            if slot is None:
                vars(thing)[name] = one
            else:
                slot.__set__(thing, one)

    def _finish(self, entry: list[Any], thing: Any) -> None:
        if entry[0] == "model":
            agents.found_again(thing, self._get(entry[2]))
            return
        parts = zip(("defaults", "param_groups", "state"), self._all(entry[2:]), strict=True)
        thing.__setstate__(dict(parts))

    def _named_tuple(self, name: str, *told: Any) -> Any:
        kind = find_class(name)
        if not issubclass(kind, tuple):
            raise StateError(f"{name}: is no tuple")
        return tuple.__new__(kind, self._all(told))

    def _method(self, owner: Any, name: str) -> MethodType:
        thing = self._get(owner)
        return MethodType(vars(type(thing))[name], thing)


def _kind(shape: list[Any]) -> type[Any]:
    """The class of a shape: one whose objects are their attributes alone."""
    kind = find_class(shape[0])
    if strange_base(kind):
        raise StateError(f"{shape[0]}: its objects hold more than their attributes")
    return kind


def _slot(kind: type[Any], name: str) -> MemberDescriptorType | None:
    for one in kind.__mro__:
        member = vars(one).get(name)
        if isinstance(member, MemberDescriptorType):
            return member
    return None


def _default(kind: type[Any], name: str) -> dict[str, Any]:
    """What an attribute that is not saved begins with: a dataclass's default, if it has one."""
    if not dataclasses.is_dataclass(kind):
        return {}
    field = next((one for one in dataclasses.fields(kind) if one.name == name), None)
    if field is None:
        return {}
    if field.default is not dataclasses.MISSING:
        return {name: field.default}
    if field.default_factory is not dataclasses.MISSING:
        return {name: field.default_factory()}
    return {}
