"""Values that are nothing but their content: numbers, names, dates. Equal ones are written once.

JSON holds None, bool, int, str and finite floats as they are; the others become a short list whose
first entry says what they are.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from enum import Enum, Flag
from fractions import Fraction
from pathlib import Path, PosixPath, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from sim.state.errors import StateError
from sim.state.memory import dtype_from_plain, dtype_to_plain
from sim.state.names import find, find_class, name_of

LONGEST_INTEGER = 4096
"""Bits from which on an integer is written in hexadecimal digits; decimals have a limit."""

_PATHS: dict[str, type[PurePath]] = {
    "Path": Path,
    "PurePosixPath": PurePosixPath,
    "PureWindowsPath": PureWindowsPath,
}
_DATES: dict[str, Any] = {"date": dt.date, "datetime": dt.datetime, "time": dt.time}
_NUMBERS: dict[str, Any] = {"Decimal": Decimal, "Fraction": Fraction}


def is_plain(value: Any) -> bool:
    """Whether JSON holds a value as it is."""
    kind = type(value)
    if kind is float:
        return math.isfinite(value)
    if kind is int:
        return bool(value.bit_length() < LONGEST_INTEGER)
    return value is None or kind is bool or kind is str


def to_list(value: Any) -> list[Any] | None:
    """A value as a list that JSON can hold; None for what is no such value.

    Args:
        value: one for which `is_plain` does not hold.
    """
    kind = type(value)
    if kind is float:
        return ["float", np.float64(value).tobytes().hex()]  # with the bits of a NaN
    if kind is int:
        return ["int", hex(value)]
    if kind is bytes:
        return ["bytes", value.hex()]
    if kind is complex:
        return ["complex", np.complex128(value).tobytes().hex()]
    if value is Ellipsis:
        return ["..."]
    if kind is range or kind is slice:
        ends = [value.start, value.stop, value.step]
        return [kind.__name__, *ends] if all(map(is_plain, ends)) else None
    if isinstance(value, np.generic):
        return _scalar_to_list(value)
    if isinstance(value, np.dtype):
        return None if value.hasobject else ["dtype", dtype_to_plain(value)]
    if isinstance(value, Enum):
        return _member_to_list(value)
    if kind is PosixPath:
        return ["path", "Path", str(value)]
    if kind.__name__ in _PATHS and _PATHS[kind.__name__] is kind:
        return ["path", kind.__name__, str(value)]
    if _DATES.get(kind.__name__) is kind and getattr(value, "tzinfo", None) is None:
        return ["date", kind.__name__, value.isoformat()]
    if kind is dt.timedelta:
        return ["timedelta", value.days, value.seconds, value.microseconds]
    if _NUMBERS.get(kind.__name__) is kind:
        return ["number", kind.__name__, str(value)]
    if kind is re.Pattern:
        if isinstance(value.pattern, str):
            return ["pattern", value.pattern, value.flags]
        return None
    if isinstance(value, type) and issubclass(value, np.generic):
        return ["scalar type", value.__name__]
    name = name_of(value)
    return None if name is None else ["name", name]


def from_list(told: list[Any]) -> Any:
    """The value that `to_list` made a list of.

    Raises:
        StateError: if there is no such value.
    """
    try:
        return _READERS[told[0]](*told[1:])
    except StateError:
        raise
    except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as error:
        raise StateError(f"{told!r} is no value: {error}") from None


def _scalar_to_list(value: np.generic) -> list[Any] | None:
    if value.dtype.hasobject:
        return None
    return ["scalar", dtype_to_plain(value.dtype), value.tobytes().hex()]


def _member_to_list(value: Enum) -> list[Any] | None:
    name = name_of(type(value))
    if name is None:
        return None
    if isinstance(value, Flag):
        return ["flag", name, value.value]
    return ["member", name, value.name]


def _scalar(told: Any, content: str) -> Any:
    dtype = dtype_from_plain(told)
    if dtype.itemsize == 0:
        return np.zeros(1, dtype)[0]
    return np.frombuffer(bytes.fromhex(content), dtype).copy()[0]


def _member(name: str, member: str) -> Any:
    return _enum(name).__members__[member]


def _flag(name: str, value: int) -> Any:
    return _enum(name)(value)


def _enum(name: str) -> type[Enum]:
    kind = find_class(name)
    if not issubclass(kind, Enum):
        raise StateError(f"{name}: is no enumeration")
    return kind


def _scalar_type(name: str) -> type[np.generic]:
    kind = getattr(np, name)
    if not (isinstance(kind, type) and issubclass(kind, np.generic)):
        raise StateError(f"{name}: is no type of NumPy's numbers")
    return kind


_READERS: dict[str, Any] = {
    "float": lambda content: float(np.frombuffer(bytes.fromhex(content), np.float64)[0]),
    "int": lambda digits: int(digits, 16),
    "bytes": bytes.fromhex,
    "complex": lambda content: complex(np.frombuffer(bytes.fromhex(content), np.complex128)[0]),
    "...": lambda: Ellipsis,
    "range": range,
    "slice": slice,
    "scalar": _scalar,
    "dtype": dtype_from_plain,
    "member": _member,
    "flag": _flag,
    "path": lambda kind, text: _PATHS[kind](text),
    "date": lambda kind, text: _DATES[kind].fromisoformat(text),
    "timedelta": dt.timedelta,
    "number": lambda kind, text: _NUMBERS[kind](text),
    "pattern": re.compile,
    "scalar type": _scalar_type,
    "name": find,
}

TAGS = frozenset(_READERS)
"""First entries of the lists."""
