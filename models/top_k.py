"""The k best of many scores, exactly, with ties broken by the smaller id.

`argpartition` leaves the order among equal scores, and which of them make the cut, to chance of
memory layout; a ranking that must be the same bytes on every run cannot. Here score and id are
packed into one integer key, so that no two keys are equal and any selection algorithm agrees.
"""

import numpy as np
import numpy.typing as npt

from models.array_checks import PADDING_ID, check_count

_MAGNITUDE_BITS = np.int32(0x7FFFFFFF)
_ID_BITS = 32


def top_k_by_score(scores: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.int32]:
    """Return the columns of the k highest scores of each row, best first, ties by column.

    Args:
        scores: (Q, N) float32; `-inf` marks a column that must not be chosen.
        k: How many columns a row, at least 1.

    Returns:
        (Q, k) int32 columns, `PADDING_ID` at the end where a row has fewer to choose from.

    Raises:
        ValueError: If `scores` is not a float32 matrix, holds NaN, or `k` is not positive.
    """
    check_count("k", k, lower=1)
    if scores.ndim != 2 or scores.dtype != np.float32:
        raise ValueError(
            f"scores: a (Q, N) float32 matrix is needed, got {scores.dtype} {scores.shape}"
        )
    if np.isnan(scores).any():
        raise ValueError("scores: NaN cannot be ranked; use -inf for what must not be chosen")
    rows, columns = scores.shape
    chosen = np.full((rows, k), PADDING_ID, dtype=np.int32)
    kept = min(k, columns)
    if rows == 0 or kept == 0:
        return chosen
    keys = _ascending_keys(scores)
    if kept < columns:
        keys = np.partition(keys, kept - 1, axis=1)[:, :kept]
    keys.sort(axis=1)
    best = (keys & ((1 << _ID_BITS) - 1)).astype(np.int32)
    unranked = np.take_along_axis(scores, best, axis=1) == -np.inf
    chosen[:, :kept] = np.where(unranked, PADDING_ID, best)
    return chosen


def _ascending_keys(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Pack (score, column) into one int64 each, the smallest key being the best column.

    The bits of an IEEE float, read as a signed integer, rise with positive numbers; for negative
    ones the magnitude bits are flipped first. Adding 0.0 turns -0.0 into 0.0, which it equals.
    """
    descending = np.negative(scores) + np.float32(0.0)
    bits = descending.view(np.int32)
    ordered = np.where(bits < 0, bits ^ _MAGNITUDE_BITS, bits)
    columns = np.arange(scores.shape[1], dtype=np.int64)
    keys: npt.NDArray[np.int64] = (ordered.astype(np.int64) << _ID_BITS) | columns
    return keys
