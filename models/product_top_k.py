"""The k items with the largest dot products for each of many users, exactly, block by block.

A block of users is scored against all items in bfloat16 where the processor multiplies that fast,
in float32 elsewhere. The scores are only a sieve. Items fall into groups, and the k-th largest of
the groups' maxima is not above the k-th largest score: an item further below it than twice the
largest possible rounding error is not among the best k. The few that pass are scored again in
float32, and ranked. Whatever the sieve computes in, the ranking is that of the second scores.

Source: the error bounds of dot products: Higham (2002), "Accuracy and Stability of Numerical
Algorithms", 2nd ed., section 3.1.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.array_checks import PADDING_ID, check_count
from models.histories import Histories
from models.top_k import top_k_by_score

_SCORES_A_BLOCK = 256 * 50_000
"""Of bfloat16: they stay in the cache between multiplication and sieve. Half of float32."""

_MOST_USERS_A_BLOCK = 1024
_LARGEST_GROUP = 32
_GROUPS_A_PLACE = 4
"""Groups per place of the ranking at least: with fewer, too many groups would pass."""


def top_k_by_product(
    users: Tensor,
    items: Tensor,
    k: int,
    *,
    bias: Tensor | None = None,
    known: Histories | None = None,
    threads: int = 1,
) -> npt.NDArray[np.int32]:
    """Rank items for users by dot product and bias.

    Args:
        users: (U, d) float32.
        items: (M, d) float32, on the same device.
        k: items a user, at least 1.
        bias: (M,) float32 added to each item's products; absent: 0.
        known: U rows of items that are left out; absent: none are.
        threads: that share the blocks out; the result is the same.

    Returns:
        (U, k) int32 item numbers, best first, ties by the smaller number, `PADDING_ID` at the end
        where fewer are left. No users-by-items matrix is kept.

    Raises:
        ValueError: if shapes do not fit, or numbers are not finite.
    """
    check_count("k", k, lower=1)
    check_count("threads", threads, lower=1)
    own_bias = torch.zeros(len(items), device=items.device) if bias is None else bias
    _check(users, items, own_bias, known)
    best = np.full((len(users), k), PADDING_ID, dtype=np.int32)
    if not len(users) or not len(items):
        return best
    sieve = _Sieve.of(items, own_bias, k)

    width = sieve.table.shape[1] * sieve.table.element_size() // 2
    block = min(max(_SCORES_A_BLOCK // width, 1), _MOST_USERS_A_BLOCK)

    def rank(start: int) -> None:
        rows = slice(start, start + block)
        taken = None
        if known is not None:
            taken = known.rows(np.arange(start, min(start + block, len(users))))
        best[rows] = _ranked(users[rows], items, own_bias, sieve, k, taken)

    starts = range(0, len(users), block)
    if threads == 1:
        for start in starts:
            rank(start)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(rank, starts))
    return best


@dataclass(frozen=True, slots=True)
class _Sieve:
    """The items as a block of users is multiplied by them."""

    table: Tensor  # (d + 2, G * g) items as columns, two rows of bias; item i is column i
    group: int  # g; items w, w + G, w + 2 G ... are one group
    longest: float  # length of the longest column
    most_rounded: float  # length of what rounding took from a column, at most
    unit: float  # largest relative error of rounding one number

    @classmethod
    def of(cls, items: Tensor, bias: Tensor, k: int) -> _Sieve:
        count, size = items.shape
        group = min(_LARGEST_GROUP, max(count // (_GROUPS_A_PLACE * k), 1))
        width = -(-count // group) * group
        kind = torch.bfloat16 if multiplies_bfloat16(items.device) else torch.float32
        coarse = bias.to(kind).float()
        columns = torch.zeros(size + 2, width, device=items.device)
        columns[:size, :count] = items.T
        # A bias in two parts loses nothing that matters to rounding.
        columns[size, :count], columns[size + 1, :count] = coarse, bias - coarse
        longest = float(columns.norm(dim=0).max())
        most_rounded = float((columns - columns.to(kind).float()).norm(dim=0).max())
        columns[size, count:] = -torch.inf
        unit = float(torch.finfo(kind).eps) / 2.0
        return cls(columns.to(kind), group, longest, most_rounded, unit)

    def slack(self, users: Tensor, rounded: Tensor, level: Tensor) -> Tensor:
        """Return (B,) how far below a level of its scores a row's best k may be, by rounding.

        Args:
            users: (B, d + 2) float32.
            rounded: (B, d + 2) the same as it is multiplied.
            level: (B,) scores.
        """
        lengths = users.norm(dim=1)
        in_sums = (users.shape[1] + 1) * float(torch.finfo(torch.float32).eps)
        vectors = lengths * (self.most_rounded + in_sums * self.longest) + (
            users - rounded.float()
        ).norm(dim=1) * (self.longest + self.most_rounded)
        stored = self.unit * (level.abs() + 2.0 * vectors)
        slack: Tensor = 2.02 * (vectors + stored)
        return slack


def _ranked(
    users: Tensor,
    items: Tensor,
    bias: Tensor,
    sieve: _Sieve,
    k: int,
    known: Histories | None,
) -> npt.NDArray[np.int32]:
    """(B, k) best items of a block of users."""
    rows = len(users)
    widened = torch.cat([users, torch.ones(rows, 2, device=users.device)], dim=1)
    rounded = widened.to(sieve.table.dtype)
    scores = rounded @ sieve.table
    if known is not None and len(known.items):
        barred = np.repeat(np.arange(rows), known.lengths)
        scores[_on(barred, users), _on(known.items, users)] = -torch.inf
    grouped = scores.view(rows, sieve.group, -1)
    highest, least = _highest(grouped, k)
    bar = (least - sieve.slack(widened, rounded, least)).to(scores.dtype)
    # Rounded to the sieve's numbers the bar may have risen: one step down again.
    bar = bar - bar.abs() * torch.finfo(scores.dtype).eps
    row, place = (highest >= bar[:, None]).nonzero(as_tuple=True)
    found = grouped[row, :, place]
    which, member = ((found >= bar[row, None]) & (found > -torch.inf)).nonzero(as_tuple=True)
    row, item = row[which], member * highest.shape[1] + place[which]
    row, item = _by_row_and_item(row, item, len(items))
    exact = (users[row] * items[item]).sum(dim=1) + bias[item]
    return _best_of_each(row.cpu().numpy(), item.cpu().numpy(), exact.cpu().numpy(), rows, k)


def _highest(grouped: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """(B, G) maxima of the groups, and (B,) the k-th largest of each row's, float32."""
    places = min(k, grouped.shape[2])
    if grouped.dtype == torch.bfloat16:
        # Bits of positive floats rise with them, as whole numbers, which are compared three times
        # as fast. Negative ones fall, but do not matter where the k-th largest is positive.
        bits = grouped.view(torch.int16).amax(dim=1)
        least = bits.topk(places, dim=1).values[:, -1]
        if bool((least > 0).all()):
            return bits.view(torch.bfloat16), least.view(torch.bfloat16).float()
    highest = grouped.amax(dim=1)
    return highest, highest.float().topk(places, dim=1).values[:, -1]


def _by_row_and_item(row: Tensor, item: Tensor, n_items: int) -> tuple[Tensor, Tensor]:
    key = (row * n_items + item).sort().values
    return key // n_items, key % n_items


def _best_of_each(
    row: npt.NDArray[np.int64],
    item: npt.NDArray[np.int64],
    score: npt.NDArray[np.float32],
    rows: int,
    k: int,
) -> npt.NDArray[np.int32]:
    """(B, k) the best of the items listed for each row, which are in ascending order."""
    counts = np.bincount(row, minlength=rows)
    column = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    table = np.full((rows, max(int(counts.max(initial=0)), 1)), -np.inf, dtype=np.float32)
    listed = np.full(table.shape, PADDING_ID, dtype=np.int32)
    table[row, column], listed[row, column] = score, item
    place = top_k_by_score(table, k)
    ranked = np.take_along_axis(listed, np.maximum(place, 0), axis=1)
    return np.where(place >= 0, ranked, PADDING_ID).astype(np.int32)


def _on(ids: npt.NDArray[np.int64], like: Tensor) -> Tensor:
    return torch.from_numpy(ids).to(like.device)


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is multiplied by instructions of its own, and so faster than float32."""
    if device.type != "cpu":
        return device.type == "cuda"
    asks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, one, lambda: False)()) for one in asks)


def _check(users: Tensor, items: Tensor, bias: Tensor, known: Histories | None) -> None:
    if users.ndim != 2 or items.ndim != 2 or users.shape[1] != items.shape[1]:
        raise ValueError(
            f"users {tuple(users.shape)} and items {tuple(items.shape)}: must be (U, d) and (M, d)"
        )
    if bias.shape != (len(items),):
        raise ValueError(f"bias: {tuple(bias.shape)}, but there are {len(items)} items")
    if known is not None and (len(known), known.n_items) != (len(users), len(items)):
        raise ValueError(
            f"known: {len(known)} rows over {known.n_items} items, but there are {len(users)} "
            f"users and {len(items)} items"
        )
    for name, tensor in (("users", users), ("items", items), ("bias", bias)):
        if tensor.dtype != torch.float32:
            raise ValueError(f"{name}: float32 is needed, got {tensor.dtype}")
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"{name}: holds numbers that are not finite, which cannot be ranked")
