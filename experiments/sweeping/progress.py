"""How far a sweep is, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.studies.store import Failed


@dataclass(frozen=True, slots=True)
class Progress:
    """A sweep at a moment."""

    planned: int  # distinct runs that are asked for so far
    done: int  # of them
    failed: int  # of them: gave no result, and are not tried again
    made: int  # done since the sweep began
    seconds: float  # since it began
    news: str = ""  # what there is to say, such as why a run failed

    @property
    def rate(self) -> float:
        """Runs a second; 0 before the first."""
        return self.made / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Seconds to the end at this rate; None before the first run."""
        left = self.planned - self.done - self.failed
        return left / self.rate if self.rate > 0 else None


@dataclass(frozen=True, slots=True)
class SweepResult:
    """How a sweep ended."""

    folder: Path
    model: str
    planned: int  # distinct runs
    done: int  # of them, those of earlier sweeps among them
    made: int  # by this sweep
    failed: tuple[Failed, ...]  # of the planned: gave no result
    stopped: bool  # Ctrl-C was pressed
    target: str  # how the target of precision stands, in words; "" without one
    damaged: tuple[str, ...]  # runs whose files a disk had cut short, and which were made anew
    others: Mapping[str, int]  # runs of other versions of the model, by version
    seconds: float

    @property
    def exit_code(self) -> int:
        """What the command ends with: 0 fine, 1 some runs failed, 130 interrupted."""
        if self.stopped:
            return 130
        return 1 if self.failed else 0
