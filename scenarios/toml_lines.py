"""On which line each key of a TOML file stands.

Python's TOML parser gives values without positions. This scanner reads a file that the parser has
accepted and notes the line of every table and key; keys inside inline values are looked up by their
nearest ancestor.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_STATEMENT = re.compile(r"\s*(?P<key>(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*')"
                        r"(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"(?:[^\"\\]|\\.)*\"|'[^']*'))*)\s*=")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """Line numbers, from 1, of all tables and keys of a valid TOML text.

    Args:
        text: TOML that `tomllib` accepts.

    Returns:
        Line by path; elements of arrays of tables carry their number, as in ("events", "0", "day").
    """
    lines: dict[tuple[str, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, statement in _statements(text):
        stripped = statement.strip()
        if stripped.startswith("[["):
            path = _numbered(_path(stripped[2:].partition("]]")[0]), counts)
            index = counts.get(path, -1) + 1
            counts[path] = index
            table = (*path, str(index))
            lines.setdefault(path, number)
            lines[table] = number
        elif stripped.startswith("["):
            table = _numbered(_path(stripped[1:].rpartition("]")[0]), counts)
            lines.setdefault(table, number)
        else:
            match = _STATEMENT.match(statement)
            if match:
                path = (*table, *_path(match["key"]))
                for depth in range(len(table) + 1, len(path) + 1):
                    lines.setdefault(path[:depth], number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Statements with the line on which each begins; a value may span several lines."""
    position, start, depth = 0, 0, 0
    while position < len(text):
        character = text[position]
        token = _STRING.match(text, position) if character in "\"'#" else None
        if token:
            position = token.end()
            continue
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        elif character == "\n" and depth == 0:
            yield text.count("\n", 0, _first_ink(text, start)) + 1, text[start:position]
            start = position + 1
        position += 1
    yield text.count("\n", 0, _first_ink(text, start)) + 1, text[start:]


def _first_ink(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip()) if text[start:].strip() else start


def _path(dotted: str) -> tuple[str, ...]:
    """The parts of a dotted key, quoted ones unquoted: TOML itself takes them apart."""
    tree = tomllib.loads(f"{dotted} = 0")
    parts = []
    while isinstance(tree, dict):
        (name, tree), = tree.items()
        parts.append(name)
    return tuple(parts)


def _numbered(path: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> tuple[str, ...]:
    """A table's path with the number of each array of tables that it passes through."""
    numbered: tuple[str, ...] = ()
    for place, part in enumerate(path):
        numbered = (*numbered, part)
        if numbered in counts and place < len(path) - 1:
            numbered = (*numbered, str(counts[numbered]))
    return numbered
