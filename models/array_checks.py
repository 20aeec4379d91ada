"""Checks at the door of every model: wrong arrays are refused with a sentence that says why.

A model fed float ids, a shorter label column or a NaN does not crash, it learns nonsense. Each
check returns the array in the one dtype that the models compute with, and raises a `ValueError`
that names the argument, the first offending position and what is allowed.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

IdArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

PADDING_ID = -1
"""The id that fills a row of ids where a ranking is shorter than its neighbours."""


def checked_ids(
    name: str, values: npt.ArrayLike, *, ndim: int = 1, padded: bool = False
) -> IdArray:
    """Return `values` as an int64 array of ids.

    Args:
        name: The argument's name, for the message.
        values: Whole numbers of any integer dtype, of `ndim` dimensions.
        ndim: How many dimensions are expected.
        padded: Whether `PADDING_ID` is allowed as well.

    Returns:
        A contiguous int64 array of the same shape.

    Raises:
        ValueError: If the dtype is not an integer one, the shape differs, or an id is too small.
    """
    array = _array(name, values, ndim)
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: ids must have an integer dtype, got {array.dtype}; "
            "convert them with .astype(int) if they are whole numbers"
        )
    if array.dtype == np.uint64 and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise ValueError(f"{name}: id {int(array.max())} is too large for a 64-bit signed integer")
    ids = np.ascontiguousarray(array, dtype=np.int64)
    lowest = PADDING_ID if padded else 0
    if ids.size and int(ids.min()) < lowest:
        allowed = "ids count from 0" + (f", and {PADDING_ID} stands for no id" if padded else "")
        raise ValueError(f"{name}: found {int(ids.min())} at {_first(ids < lowest)}; {allowed}")
    return ids


def checked_floats(
    name: str,
    values: npt.ArrayLike,
    *,
    ndim: int = 1,
    lower: float = -np.inf,
    upper: float = np.inf,
) -> FloatArray:
    """Return `values` as a float64 array without NaN, every entry in [lower, upper].

    Args:
        name: The argument's name, for the message.
        values: Real numbers (bool counts as 0 and 1) of `ndim` dimensions.
        ndim: How many dimensions are expected.
        lower: The smallest value allowed.
        upper: The largest value allowed.

    Returns:
        A contiguous float64 array of the same shape.

    Raises:
        ValueError: If the dtype is not numeric, the shape differs, or a value is NaN or outside.
    """
    array = _array(name, values, ndim)
    if array.size and array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: numbers are needed, got dtype {array.dtype}")
    floats = np.ascontiguousarray(array, dtype=np.float64)
    missing = np.isnan(floats)
    if missing.any():
        raise ValueError(f"{name}: NaN at {_first(missing)}; drop or fill missing values first")
    outside = (floats < lower) | (floats > upper)
    if outside.any():
        where = _first(outside)
        raise ValueError(
            f"{name}: {floats[outside][0]:g} at {where} is outside [{lower:g}, {upper:g}]"
        )
    return floats


def check_same_length(**columns: npt.NDArray[Any]) -> None:
    """Refuse columns of one table that differ in length.

    Args:
        **columns: The columns by name, each at least one-dimensional.

    Raises:
        ValueError: If their lengths differ.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"columns of one table must be of one length, but {told}")


def check_count(name: str, value: object, *, lower: int) -> None:
    """Refuse a count that is not a whole number of at least `lower`.

    Args:
        name: The argument's name, for the message.
        value: The count.
        lower: The smallest count allowed.

    Raises:
        ValueError: If it is not an integer, or smaller.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < lower:
        raise ValueError(f"{name}: must be a whole number of at least {lower}, got {value!r}")


def _array(name: str, values: npt.ArrayLike, ndim: int) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.asarray(values)
    if array.ndim != ndim:
        raise ValueError(f"{name}: {ndim}-dimensional array expected, got shape {array.shape}")
    return array


def _first(mask: npt.NDArray[np.bool_]) -> str:
    position = np.unravel_index(int(np.argmax(mask)), mask.shape)
    return "position " + ", ".join(str(int(axis)) for axis in position)
