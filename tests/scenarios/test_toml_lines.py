"""The scanner finds every key of any TOML document, on its line."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.toml_lines import Path, key_lines, split_key

SCALARS = (
    "1",
    "-0.5e3",
    "true",
    "inf",
    "0x1F",
    "1979-05-27 07:32:00Z",
    "07:32:00",
    '""',
    '"a # b = [c] {d} \\" \\\\"',
    "'C:\\'",
    "''",
    '"""\nfirst\n[table]\nkey = "x"\n"""',
    '"""one "" two\\""""',
    '"""ends in two quotes"""""',
    "'''\n'' [x]\n# no comment\n'''",
)
SPACES = ("", " ", "\t")
GAPS = ("", " ", "\n", " # a ] comment }\n", "\n\n  ")

bare_names = st.text("abZ09_-", min_size=1, max_size=3)
odd_names = st.text("a.\"'#=[]{} \\é\t", max_size=4)
names = bare_names | odd_names


def spelt(name: str, draw: st.DrawFn) -> str:
    bare = name != "" and set(name) <= set("abZ09_-")
    if bare and draw(st.booleans()):
        return name
    if "'" not in name and draw(st.booleans()):
        return f"'{name}'"
    return json.dumps(name, ensure_ascii=False)


class Writer:
    """Writes TOML in all its styles and notes the line of each key as it goes."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.text = ""
        self.expected: dict[Path, int] = {}

    def write(self, text: str) -> None:
        self.text += text

    def note(self, path: Path) -> None:
        self.expected[path] = self.text.count("\n") + 1

    def one_of(self, choices: tuple[str, ...]) -> str:
        return self.draw(st.sampled_from(choices))

    def keys(self, path: Path, depth: int, *, ends: str, gaps: tuple[str, ...]) -> None:
        chosen = self.draw(st.lists(names, unique=True, max_size=3))
        for number, name in enumerate(chosen):
            dotted = [name, *self.draw(st.lists(names, max_size=2 if depth < 2 else 0))]
            place = path
            for part in dotted:
                place = (*place, part)
                self.note(place)
            dot = f"{self.one_of(SPACES)}.{self.one_of(SPACES)}"
            self.write(dot.join(spelt(part, self.draw) for part in dotted))
            self.write(f"{self.one_of(SPACES)}={self.one_of(SPACES)}")
            self.value(place, depth)
            self.write(ends if number < len(chosen) - 1 or ends != ", " else "")
            self.write(self.one_of(gaps))

    def value(self, path: Path, depth: int) -> None:
        kind = self.draw(st.sampled_from(("scalar", "array", "inline"))) if depth < 3 else "scalar"
        if kind == "scalar":
            self.write(self.one_of(SCALARS))
        elif kind == "inline":
            self.write("{ ")
            self.keys(path, depth + 1, ends=", ", gaps=("", " "))
            self.write("}")
        else:
            self.write("[")
            count = self.draw(st.integers(0, 3))
            for index in range(count):
                self.write(self.one_of(GAPS))
                self.note((*path, index))
                self.value((*path, index), depth + 1)
                self.write(self.one_of(GAPS))
                self.write("," if index < count - 1 or self.draw(st.booleans()) else "")
            self.write(self.one_of(GAPS))
            self.write("]")


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Path, int]]:
    writer = Writer(draw)
    writer.keys((), 0, ends="\n", gaps=GAPS[:1] + GAPS[2:])
    # Headers of their own namespace: what TOML forbids to define twice cannot come up.
    tables = draw(st.lists(bare_names, unique=True, max_size=3))
    for name in tables:
        arrays = draw(st.integers(0, 2))
        for number in range(max(arrays, 1)):
            top: Path = (f"table {name}",)
            entry = (*top, number) if arrays else top
            if number == 0:
                writer.note(top)
            writer.note(entry)
            header = f"[[ 'table {name}' ]]" if arrays else f"[ 'table {name}' ]"
            writer.write(f"{header} # here\n")
            writer.keys(entry, 0, ends="\n", gaps=GAPS[:1] + GAPS[2:])
            if draw(st.booleans()):
                writer.note((*entry, "sub table"))
                writer.write(f"['table {name}'.'sub table']\n")
                writer.keys((*entry, "sub table"), 0, ends="\n", gaps=("", "\n"))
    return writer.text, writer.expected


def paths_of(data: Any, path: Path = ()) -> Iterator[Path]:
    inside: Any = data.items() if isinstance(data, dict) else ()
    if isinstance(data, list):
        inside = enumerate(data)
    for part, one in inside:
        yield (*path, part)
        yield from paths_of(one, (*path, part))


def is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # a dotted key that meets another one's value
        return False
    return True


@given(documents().filter(lambda document: is_toml(document[0])))
def test_every_key_of_any_document_is_found_on_its_line(
    document: tuple[str, dict[Path, int]],
) -> None:
    text, expected = document
    lines = key_lines(text)
    assert set(lines) == set(paths_of(tomllib.loads(text)))
    first = {path: line for path, line in expected.items() if not shared(path, expected)}
    assert {path: lines[path] for path in first} == first


def shared(path: Path, expected: dict[Path, int]) -> bool:
    """Whether several dotted keys pass through a path, so that its line is that of the first."""
    below = [other for other in expected if other[: len(path)] == path and len(other) > len(path)]
    return bool(below) and not isinstance(path[-1], int)


@given(documents().filter(lambda document: is_toml(document[0])))
def test_line_ends_of_windows_change_no_line(document: tuple[str, dict[Path, int]]) -> None:
    text, _ = document
    assert key_lines(text.replace("\n", "\r\n")) == key_lines(text)


def test_a_table_has_the_line_of_its_header_even_where_a_subtable_comes_first() -> None:
    lines = key_lines("[a.b]\nx = 1\n\n[a]\ny = 2\n")
    assert lines[("a",)] == 4
    assert lines[("a", "b")] == 1


def test_subtables_belong_to_the_latest_entry_of_an_array_of_tables() -> None:
    text = "[[events]]\n[[events]]\n[events.where]\nx = 1\n[[events.steps]]\n[[events.steps]]\n"
    lines = key_lines(text)
    assert lines[("events",)] == 1
    assert lines[("events", 1, "where", "x")] == 4
    assert lines[("events", 1, "steps", 1)] == 6


def test_a_key_is_parted_from_what_follows_it() -> None:
    assert split_key('a . "b.c=d".0 = "x = y"') == (("a", "b.c=d", "0"), '= "x = y"')
    assert split_key("days=5") == (("days",), "=5")


@pytest.mark.parametrize("text", ["", "=5", ".a=1", "a.=1", '"open=1'])
def test_what_begins_with_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not TOML"):
        split_key(text)
