"""What is wrong with a scenario, told so that its author can mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    where: str  # file, or file and line, or the --set that says it
    key: str  # dotted name, "" if it is about the file
    value: str  # as given, "" if there is none
    message: str  # what is allowed, and what to do

    @classmethod
    def of_file(cls, where: str, message: str) -> Problem:
        """A problem of a whole file."""
        return cls(where, "", "", message)

    def __str__(self) -> str:
        given = f" = {self.value}" if self.value else ""
        return f"{self.where}: {self.key}{given}: {self.message}" if self.key else (
            f"{self.where}: {self.message}"
        )

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


class ScenarioError(ValueError):
    """All that is wrong with a scenario, at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        lines = [str(problem) for problem in problems]
        if len(problems) > 1:
            lines.append(f"{len(problems)} errors")
        super().__init__("\n".join(lines))
