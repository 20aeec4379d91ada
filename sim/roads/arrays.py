"""The array types that the road modules share."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]
LabelArray = npt.NDArray[np.int64] | npt.NDArray[np.str_]
