"""The map's geometry in whole numbers: points, streets and paths, packed for the page's script.

All places lie on a grid of `SIDE` cells along the longer side. A path is told by its first point
and then, at each crossing, by how far the way taken is from straight on: 0 is the straightest, 1
the next, and so on. Runs of zeros, which are nearly all, are written as their length; `day_map.js`
reads the same text with the same arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SIDE = 4096
"""Cells of the grid along the map's longer side."""

MARGIN = 0.03
"""Part of the longer side that is left free around."""

FLATTEST, STEEPEST = 0.5, 1.4
"""Least and largest height by width."""

LETTERS = "abcdefghijklmnopqrstuvwxy"
"""Stand for 1 to 25 among runs of zeros; a z adds 25 to what follows it."""

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the map lies: metres to cells, x to the right, y down."""

    left: float  # metres
    top: float  # metres
    cell: float  # metres
    width: int  # cells
    height: int  # cells

    @classmethod
    def around(cls, x: NDArray[np.float64], y: NDArray[np.float64]) -> Frame:
        """The frame that holds some places (K,), metres, with a margin around."""
        low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
        middle, size = (low + high) / 2.0, np.maximum(high - low, 100.0)
        size = size + 2.0 * MARGIN * size.max()
        wide = max(size[0], size[1] / STEEPEST)
        tall = max(size[1], wide * FLATTEST)
        cell = max(wide, tall) / SIDE
        return cls(
            left=float(middle[0] - wide / 2.0),
            top=float(middle[1] + tall / 2.0),
            cell=float(cell),
            width=round(wide / cell),
            height=round(tall / cell),
        )

    def cells(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """The cells (K, 2) of places in metres."""
        across, down = (x - self.left) / self.cell, (self.top - y) / self.cell
        return np.rint(np.stack([across, down], axis=1)).astype(np.int64)


class Streets:
    """The streets of some paths: points numbered along them, and each point's neighbours."""

    def __init__(self, paths: Sequence[NDArray[np.int64]]) -> None:
        """Number the points.

        Args:
            paths: cells (K, 2) of each.
        """
        self._lines = [_without_repeats(path) for path in paths]
        beside: dict[Point, dict[Point, None]] = {}
        for line in self._lines:
            for one in line:
                beside.setdefault(one, {})
            for one, other in pairwise(line):
                beside[one][other] = beside[other][one] = None
        self.points = _in_order(beside)
        self._number = {point: number for number, point in enumerate(self.points)}
        self.beside = [
            sorted(self._number[other] for other in beside[point]) for point in self.points
        ]
        self.paths = [[self._number[point] for point in line] for line in self._lines]
        self.streets = [
            (number, other)
            for number, others in enumerate(self.beside)
            for other in others
            if other < number
        ]

    def street(self, one: Point, other: Point) -> tuple[int, int] | None:
        """The street between two cells, as `streets` names it; None where no path goes there."""
        ends = self._number.get(one), self._number.get(other)
        if ends[0] is None or ends[1] is None or ends[0] not in self.beside[ends[1]]:
            return None
        return max(ends[0], ends[1]), min(ends[0], ends[1])

    def packed_points(self) -> list[int]:
        """Each point's cell against that of the point before: x, y, x, y ..."""
        steps = np.diff(np.array(self.points, dtype=np.int64).reshape(-1, 2), axis=0, prepend=0)
        return [int(step) for step in steps.ravel()]

    def packed_streets(self) -> str:
        """For each point, how far back its lower neighbours are: `1;1,5;` ..."""
        return ";".join(
            ",".join(str(number - other) for other in others if other < number)
            for number, others in enumerate(self.beside)
        )

    def packed_path(self, path: Sequence[int]) -> str:
        """A path: first point, colon, runs of ways straight on and letters for others."""
        ranks = []
        for step in range(1, len(path)):
            before = path[step - 2] if step > 1 else -1
            ranks.append(self.ways(before, path[step - 1]).index(path[step]))
        return f"{path[0]}:{runs(ranks)}"

    def ways(self, before: int, at: int) -> list[int]:
        """Where one may go on from a point, the straightest first, and back at last."""
        if before < 0:
            return self.beside[at]
        (x0, y0), (x1, y1) = self.points[before], self.points[at]

        def bend(other: int) -> tuple[float, int]:
            dx, dy = self.points[other][0] - x1, self.points[other][1] - y1
            along = (x1 - x0) * dx + (y1 - y0) * dy
            return -(along * abs(along) / (dx * dx + dy * dy)), other

        on = sorted((other for other in self.beside[at] if other != before), key=bend)
        return [*on, before]


def runs(values: Iterable[int]) -> str:
    """Small numbers as text: a run of zeros as its length, others as letters."""
    told, zeros = [], 0
    for value in values:
        if value == 0:
            zeros += 1
            continue
        times, rest = divmod(value - 1, len(LETTERS))
        told.append((str(zeros) if zeros else "") + "z" * times + LETTERS[rest])
        zeros = 0
    return "".join(told) + (str(zeros) if zeros else "")


def polylines(ends: NDArray[np.int64]) -> str:
    """Lines (L, 4) of whole numbers as one SVG path, drawn on from end to end where they meet."""
    proper = ends[(ends[:, :2] != ends[:, 2:]).any(axis=1)]
    beside: dict[Point, dict[Point, None]] = {}
    for x0, y0, x1, y1 in proper.tolist():
        beside.setdefault((x0, y0), {})[x1, y1] = None
        beside.setdefault((x1, y1), {})[x0, y0] = None
    told = []
    for start in sorted(beside, key=lambda point: (len(beside[point]) % 2 == 0, point)):
        while beside[start]:
            line = [start]
            while beside[line[-1]]:
                one = line[-1]
                other = next(iter(beside[one]))
                del beside[one][other], beside[other][one]
                line.append(other)
            told.append(_as_path(line))
    return "".join(told)


def _as_path(line: Sequence[Point]) -> str:
    """A line as SVG, each point relative to the one before."""
    (x, y), told = line[0], []
    for next_x, next_y in line[1:]:
        told.append(f"{next_x - x} {next_y - y}")
        x, y = next_x, next_y
    return f"M{line[0][0]} {line[0][1]}l{' '.join(told)}".replace(" -", "-")


def _without_repeats(path: NDArray[np.int64]) -> list[Point]:
    moved = np.ones(len(path), dtype=np.bool_)
    moved[1:] = (path[1:] != path[:-1]).any(axis=1)
    return [(x, y) for x, y in path[moved].tolist()]


def _in_order(beside: dict[Point, dict[Point, None]]) -> list[Point]:
    """Points along the streets, so that neighbours have near numbers: depth first."""
    found: dict[Point, None] = {}
    for start in beside:
        waiting = [start]
        while waiting:
            one = waiting.pop()
            if one in found:
                continue
            found[one] = None
            waiting += [other for other in reversed(beside[one]) if other not in found]
    return list(found)
