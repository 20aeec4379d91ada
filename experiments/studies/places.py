"""Where in a study's file, or on the command line, something stands that is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from experiments.studies.schema import Study
from scenarios.diagnosis import dotted
from scenarios.errors import Problem
from scenarios.overrides import Override, apply
from scenarios.shape import Table
from scenarios.toml_lines import Path as KeyPath
from scenarios.toml_lines import key_lines


@dataclass(frozen=True, slots=True)
class Places:
    """What a study's file says, and on which line."""

    file: str
    data: Mapping[str, Any]  # of the file, with the overrides applied
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    overrides: Mapping[KeyPath, Override] = field(default_factory=dict)

    @classmethod
    def read(
        cls, path: Path, overrides: Sequence[str] = (), model: type[BaseModel] = Study
    ) -> Places:
        """Those of a file; without lines where it cannot be read.

        Args:
            path: the study's file.
            overrides: `KEY=VALUE` each, which take the place of the file's.
            model: what the file holds.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
            data, lines = tomllib.loads(text), key_lines(text)
        except (OSError, ValueError):
            return cls(str(path), {})
        made = apply(data, Table(model), overrides)
        return cls(str(path), made.data, lines, made.origins)

    def problem(
        self,
        where: KeyPath,
        message: str,
        value: Any = None,
        *,
        allowed: str = "",
        suggestion: str = "",
    ) -> Problem:
        """Something wrong at a path of the study, with its line, or the override to blame."""
        above = [where[:length] for length in range(len(where), 0, -1)]
        override = next((self.overrides[one].text for one in above if one in self.overrides), "")
        line = next((self.lines[one] for one in above if one in self.lines), None)
        return Problem(
            self.file,
            message,
            line=None if override else line,
            key=dotted(where),
            value=value,
            allowed=allowed,
            suggestion=suggestion,
            override=override,
        )
