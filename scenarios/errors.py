"""What is wrong with a scenario: every problem with its place, its value and what is allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

LONGEST_VALUE = 60
"""Characters of a value that a message shows."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what to do about it."""

    file: str  # as the user named it; "" where no file is concerned
    message: str  # what is allowed, and what to do
    line: int | None = None  # from 1
    column: int | None = None  # from 1; known for TOML syntax only
    key: str = ""  # dotted; several are separated by commas
    value: Any = None  # as in the file; None: there is none, or it is a table
    allowed: str = ""  # the whole range, or all choices
    suggestion: str = ""  # nearest known key, or nearest choice
    override: str = ""  # the KEY=VALUE of the command line that is to blame, instead of a line
    source: str = ""  # the offending line itself; for TOML syntax only

    @classmethod
    def of_file(cls, file: str, message: str) -> Self:
        """A problem of a file as a whole."""
        return cls(file=file, message=message)

    def __str__(self) -> str:
        """The problem in one line; below it, for TOML syntax, the line and a mark under it."""
        parts = [part for part in (self._place(), self._assignment()) if part]
        text = ": ".join([*parts, self.message])
        if not self.source:
            return text
        mark = f"\n    {' ' * (self.column - 1)}^" if self.column is not None else ""
        return f"{text}\n    {self.source}{mark}"

    def as_dict(self) -> dict[str, Any]:
        """The problem as JSON can hold it; parts that are absent are left out."""
        parts = {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "override": self.override,
            "key": self.key,
            "value": _json_value(self.value),
            "message": self.message,
            "allowed": self.allowed,
            "suggestion": self.suggestion,
        }
        return {name: part for name, part in parts.items() if part is not None and part != ""}

    def _place(self) -> str:
        if self.override:
            return f"--set {self.override}"
        numbers = [str(number) for number in (self.line, self.column) if number is not None]
        return ":".join([self.file, *numbers]) if self.file else ""

    def _assignment(self) -> str:
        if self.override.partition("=")[0].strip() == self.key:
            return ""
        if not self.key or self.value is None or isinstance(self.value, Mapping):
            return self.key
        return f"{self.key} = {value_text(self.value)}"


class ScenarioError(ValueError):
    """A scenario that is not allowed, with all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; there must be at least one."""
        super().__init__(*problems)
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        """What another process needs to raise it again."""
        return type(self), (self.problems,)

    def __str__(self) -> str:
        """All problems, one a line, and how many there are."""
        count = len(self.problems)
        files = sorted({problem.file for problem in self.problems} - {""})
        total = f"{count} error{'s' if count > 1 else ''}"
        if files:
            total += f" in {', '.join(files)}"
        return "\n".join([*map(str, self.problems), total])

    def as_dicts(self) -> list[dict[str, Any]]:
        """All problems as JSON can hold them."""
        return [problem.as_dict() for problem in self.problems]


def value_text(value: Any) -> str:
    """A value as TOML writes it, cut where it is long."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key} = {value_text(one)}" for key, one in value.items()) + "}"
    elif isinstance(value, Sequence):
        text = "[" + ", ".join(value_text(one) for one in value) + "]"
    else:
        text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _json_value(value: Any) -> Any:
    """A TOML value for JSON: dates, infinities and NaN become text."""
    if isinstance(value, Mapping):
        return {str(key): _json_value(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_value(one) for one in value]
    if isinstance(value, float) and value - value != 0.0:
        return str(value)
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return str(value)
