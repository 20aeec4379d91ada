"""Lists for terminals of any width."""

import io
from typing import Any

import pytest
from rich.console import Console

from experiments.commands import listing


@pytest.mark.parametrize("what", ["_policies", "_scenarios", "_indicators", "_settings"])
def test_a_narrow_terminal_shows_every_entry_whole(what: str) -> None:
    rows: list[dict[str, Any]] = getattr(listing, what)()
    console = Console(width=80, file=io.StringIO(), highlight=False)
    listing._print_blocks(console, rows)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= 80
    words = text.split()
    for row in rows:
        assert set(str(next(iter(row.values()))).split()) <= set(words)
    assert "…" not in text


def test_what_a_policy_may_be_set_to_stands_below_it() -> None:
    console = Console(width=80, file=io.StringIO(), highlight=False)
    (flat,) = (
        row for row in listing._policies() if (row["family"], row["name"]) == ("subsidy", "flat")
    )
    listing._print_blocks(console, [flat])
    assert "    share: a number from 0 to 1 (default" in console.file.getvalue()  # type: ignore[attr-defined]
