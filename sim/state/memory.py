"""Arrays as blocks of memory: what overlaps is one block, so that views stay views.

An array alone is its own content. Arrays that look at the same memory, in whatever way they came to
do so, share a block in which each has its place; what none of them looks at is zero there, since a
saved state must not depend on what memory held before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from sim.state.errors import StateError

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an array lies: alone in a block, in rows or columns first; or with strides in it."""

    block: int
    offset: int = 0  # bytes
    strides: tuple[int, ...] | None = None  # bytes; None: alone
    order: str = "C"  # of an array alone


def place(arrays: Sequence[NDArray[Any]]) -> tuple[list[Placed], list[Bytes]]:
    """Find the blocks of some arrays.

    Args:
        arrays: any, none with objects in it.

    Returns:
        The place of each array, and the blocks' content: memory of the arrays themselves where
        they are alone, to be read before it changes.
    """
    places: list[Placed] = [Placed(0)] * len(arrays)
    blocks: list[Bytes] = []
    for group in _groups(arrays):
        low = min(_bounds(arrays[one])[0] for one in group)
        first = arrays[group[0]]
        flags = first.flags
        if len(group) == 1 and (flags.c_contiguous or flags.f_contiguous):
            order = "C" if flags.c_contiguous else "F"
            places[group[0]] = Placed(len(blocks), order=order)
            blocks.append(_bytes_of(first))
            continue
        block = np.zeros(max(_bounds(arrays[one])[1] for one in group) - low, np.uint8)
        for one in group:
            array = arrays[one]
            offset = array.__array_interface__["data"][0] - low
            places[one] = Placed(len(blocks), offset, array.strides)
            _view(block, array.dtype, array.shape, offset, array.strides)[...] = array
        blocks.append(block)
    return places, blocks


class Memory:
    """The blocks of a state that is read; arrays are made in them."""

    def __init__(self, blocks: Sequence[memoryview | Bytes]) -> None:
        self._blocks = blocks
        self._shared: dict[int, Bytes] = {}

    def array(self, place: Placed, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """The array of a place; alone it has memory of its own, else that of its block.

        Raises:
            StateError: if the block does not hold it.
        """
        if not 0 <= place.block < len(self._blocks):
            raise StateError(f"there is no block {place.block}")
        content = np.frombuffer(self._blocks[place.block], np.uint8)
        if place.strides is not None:
            if place.block not in self._shared:
                self._shared[place.block] = content.copy()
            try:
                return _view(self._shared[place.block], dtype, shape, place.offset, place.strides)
            except (TypeError, ValueError) as error:
                raise StateError(f"block {place.block}: {error}") from None
        if any(length < 0 for length in shape) or dtype.itemsize * _cells(shape) != len(content):
            raise StateError(f"block {place.block} does not hold {shape} of {dtype}")
        array = np.empty(shape, dtype, order="F" if place.order == "F" else "C")
        _bytes_of(array)[...] = content
        return array


def dtype_to_plain(dtype: np.dtype[Any]) -> Any:
    """A dtype as JSON can hold it."""
    return npy.dtype_to_descr(dtype)


def dtype_from_plain(told: Any) -> np.dtype[Any]:
    """The dtype of `dtype_to_plain`.

    Raises:
        StateError: if there is no such dtype, or it holds objects.
    """
    try:
        dtype: np.dtype[Any] = npy.descr_to_dtype(_tuples(told))
    except (TypeError, ValueError, IndexError) as error:
        raise StateError(f"{told!r} is no type of arrays: {error}") from None
    if dtype.hasobject:
        raise StateError(f"{told!r} is a type of arrays of objects")
    return dtype


def _groups(arrays: Sequence[NDArray[Any]]) -> list[list[int]]:
    """Numbers of arrays that look at the same memory, in the order of the first of each group."""
    held = [number for number, array in enumerate(arrays) if array.nbytes]
    groups = [[number] for number, array in enumerate(arrays) if not array.nbytes]
    end = -1
    for low, high, number in sorted((*_bounds(arrays[number]), number) for number in held):
        if low < end:
            groups[-1].append(number)
        else:
            groups.append([number])
        end = max(end, high)
    return sorted((sorted(group) for group in groups), key=lambda group: group[0])


def _bounds(array: NDArray[Any]) -> tuple[int, int]:
    """The first byte of an array's memory, and the one behind its last."""
    if not array.nbytes:
        return 0, 0
    low, high = np.lib.array_utils.byte_bounds(array)
    return low, high


def _bytes_of(array: NDArray[Any]) -> Bytes:
    """The content of an array without gaps, as a view."""
    if not array.nbytes:
        return np.empty(0, np.uint8)
    in_rows = array if array.flags.c_contiguous else array.T
    flat: Bytes = in_rows.reshape(-1).view(np.uint8)
    return flat


def _view(
    block: Bytes,
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    offset: int,
    strides: tuple[int, ...],
) -> NDArray[Any]:
    return np.ndarray(shape, dtype, buffer=block, offset=offset, strides=strides)


def _cells(shape: tuple[int, ...]) -> int:
    cells = 1
    for length in shape:
        cells *= length
    return cells


def _tuples(told: Any) -> Any:
    """The description of a dtype with its fields as tuples, which JSON makes lists of."""
    if not isinstance(told, list):
        return told
    fields = []
    for name, kind, *shape in told:
        title = tuple(name) if isinstance(name, list) else name
        fields.append((title, _tuples(kind), *(tuple(one) for one in shape)))
    return fields
