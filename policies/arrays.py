"""Names for the array types that the packages exchange; shapes stand beside each field."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

IntArray: TypeAlias = NDArray[np.signedinteger[Any]]
FloatArray: TypeAlias = NDArray[np.floating[Any]]
BoolArray: TypeAlias = NDArray[np.bool_]


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view of `array` that cannot be written through: what policies are handed."""
    view = array.view()
    view.flags.writeable = False
    return view
