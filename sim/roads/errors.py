"""What can go wrong with roads: data that make no sense, and trips that cannot be driven."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

NAMED_PAIRS = 5
"""How many unreachable pairs an error names; the rest are counted."""


class RoadDataError(ValueError):
    """A road file, or arrays meant as roads, that cannot be what they claim to be."""

    @classmethod
    def at(
        cls,
        source: str | Path,
        problem: str,
        allowed: str,
        *,
        line: int | None = None,
    ) -> "RoadDataError":
        """An error that says where, what is there, and what is allowed.

        Args:
            source: The file, or the name of the network.
            problem: Column or element, and the value found.
            allowed: What would be right, or what to do.
            line: Line of the file, counted from 1.
        """
        place = f"{source}, line {line}" if line is not None else str(source)
        return cls(f"{place}: {problem}; allowed: {allowed}")


class UnreachableError(ValueError):
    """Some trips cannot be driven: no open road leads from source to target.

    Attributes:
        pairs: Labels (source, target) of the first few such trips.
        total: How many trips there are in all.
    """

    def __init__(self, pairs: tuple[tuple[str, str], ...], total: int) -> None:
        # Both go to args, so that the error survives the pickling between processes.
        super().__init__(pairs, total)
        self.pairs = pairs
        self.total = total

    def __str__(self) -> str:
        """The pairs by name, the number of the others, and what to do."""
        named = ", ".join(f"{source} -> {target}" for source, target in self.pairs)
        more = f" and {self.total - len(self.pairs)} more" if self.total > len(self.pairs) else ""
        return (
            f"no open road for {self.total} trip(s): {named}{more}; "
            "reopen a closed link, or choose nodes that are connected"
        )

    @classmethod
    def of(
        cls,
        labels: npt.NDArray[np.generic],
        sources: npt.NDArray[np.int32],
        targets: npt.NDArray[np.int32],
        unreachable: npt.NDArray[np.bool_],
    ) -> "UnreachableError":
        """Name the pairs where `unreachable` (S, T) is true, by the labels of their nodes."""
        rows, columns = np.nonzero(unreachable)
        pairs = tuple(
            (str(labels[sources[row]]), str(labels[targets[column]]))
            for row, column in zip(rows[:NAMED_PAIRS], columns[:NAMED_PAIRS], strict=True)
        )
        return cls(pairs, len(rows))
