"""On which line of a TOML file each key stands; the parsers of TOML do not tell.

The text has passed `tomllib` before, so that this scanner only finds its way and judges nothing.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]
"""A place in a document: keys of tables and, from 0, indexes of arrays."""

_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'  # up to two quotes more belong to the text
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*+"'
    r"|'[^'\n]*+'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")  # with spaces: a date may be parted from its time by one


def key_lines(text: str) -> dict[Path, int]:
    """The line of every key, table and array entry.

    Args:
        text: a valid TOML document.

    Returns:
        Lines, from 1, by path. A table's line is that of its header, or of its first key where it
        has none; an array entry's is where the entry begins.

    Raises:
        ValueError: if the text is not TOML.
    """
    return _Scanner(text).document()


def split_key(text: str) -> tuple[tuple[str, ...], str]:
    """Part a dotted key from what follows it, as in `a."b.c".d = 5`.

    Args:
        text: begins with a key, which TOML's rules for bare and quoted keys hold for.

    Returns:
        The key's parts, and the text after them, without space before it.

    Raises:
        ValueError: if the text does not begin with a key.
    """
    scanner = _Scanner(text)
    parts = scanner.key()
    return parts, text[scanner.position :]


class _Scanner:
    """One walk through a document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.lines: dict[Path, int] = {}
        self.entries: dict[Path, int] = {}  # tables so far of each array of tables
        self._starts = [match.end() for match in re.finditer("\n", text)]

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while True:
            self._skip(_BETWEEN)
            if self.position >= len(self.text):
                return self.lines
            if self.text.startswith("[", self.position):
                table = self._header()
            else:
                self._key_and_value(table)

    def key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            if self.text[self.position : self.position + 1] in {'"', "'"}:
                raw = self._take(_STRING)
                parts.append(str(tomllib.loads(f"k = {raw}")["k"]))
            else:
                parts.append(self._take(_BARE_KEY))
            self._skip(_SPACE)
            if not self.text.startswith(".", self.position):
                return tuple(parts)
            self.position += 1

    def _header(self) -> Path:
        line = self._line()
        brackets = 2 if self.text.startswith("[[", self.position) else 1
        self.position += brackets
        *parents, last = self.key()
        self.position += brackets
        table: Path = ()
        for part in parents:
            table = self._latest_entry((*table, part))
            self.lines.setdefault(table, line)
        table = (*table, last)
        if brackets == 2:
            self.lines.setdefault(table, line)
            self.entries[table] = self.entries.get(table, 0) + 1
            table = self._latest_entry(table)
        self.lines[table] = line
        return table

    def _latest_entry(self, table: Path) -> Path:
        return (*table, self.entries[table] - 1) if table in self.entries else table

    def _key_and_value(self, table: Path) -> None:
        line = self._line()
        path = table
        for part in self.key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._expect("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        first = self.text[self.position : self.position + 1]
        if first in {'"', "'"}:
            self._take(_STRING)
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._take(_SCALAR)

    def _array(self, path: Path) -> None:
        self.position += 1
        index = 0
        while not self._closes("]"):
            self.lines[(*path, index)] = self._line()
            self._value((*path, index))
            index += 1
            self._separator()

    def _inline_table(self, path: Path) -> None:
        self.position += 1
        while not self._closes("}"):
            self._key_and_value(path)
            self._separator()

    def _closes(self, bracket: str) -> bool:
        self._skip(_BETWEEN)
        if not self.text.startswith(bracket, self.position):
            return False
        self.position += 1
        return True

    def _separator(self) -> None:
        self._skip(_BETWEEN)
        if self.text.startswith(",", self.position):
            self.position += 1

    def _expect(self, character: str) -> None:
        if not self.text.startswith(character, self.position):
            raise ValueError(f"line {self._line()}: {character!r} expected")
        self.position += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        if match is None:
            raise ValueError(f"line {self._line()}: not TOML")
        self.position = match.end()
        return match.group()

    def _line(self) -> int:
        return bisect_right(self._starts, self.position) + 1
