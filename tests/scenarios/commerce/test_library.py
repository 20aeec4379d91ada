"""A scenario finds the import that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scenarios.commerce import store
from scenarios.commerce.faults import CommerceError
from scenarios.commerce.library import LIBRARY_VARIABLE, find, folder_for, library
from scenarios.commerce.tables import import_tables


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(LIBRARY_VARIABLE, str(tmp_path / "shelf"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return tmp_path / "shelf"


def test_a_bare_name_is_kept_in_the_library(shop: Any, shelf: Path) -> None:
    assert folder_for("myshop") == shelf / "myshop"
    import_tables(shop.items, shop.interactions, folder_for("myshop"))
    assert store.load(find("myshop")).summary.items == 4


def test_a_path_is_relative_to_the_scenario_first(shop: Any, shelf: Path) -> None:
    import_tables(shop.items, shop.interactions, folder_for("myshop"))
    beside = shop.folder / "myshop"
    import_tables(shop.items, shop.interactions, beside)
    assert find("myshop", shop.folder) == beside
    assert find("../myshop") == Path.cwd() / "../myshop"
    assert folder_for("data/myshop") == Path("data/myshop")


@pytest.mark.usefixtures("shelf")
def test_an_import_that_is_missing_is_told_with_the_command_that_makes_it() -> None:
    with pytest.raises(CommerceError, match="weal import completejourney --out completejourney"):
        find("completejourney")
    with pytest.raises(CommerceError, match=r"weal import ITEMS\.csv INTERACTIONS\.csv --out shop"):
        find("shop")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("name", ["", " ", "."])
def test_an_import_needs_a_name(name: str) -> None:
    with pytest.raises(CommerceError, match="is no name for an import"):
        folder_for(name)


def test_the_library_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LIBRARY_VARIABLE, raising=False)
    assert library().name == "commerce"
    assert library().is_absolute()
