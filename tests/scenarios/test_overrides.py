"""`--set KEY=VALUE` reaches every key, and errors name it instead of a line."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from scenarios.errors import ScenarioError
from scenarios.loading import load_toml, override

TEXT = """\
title = "x"
[policies.subsidy]
name = "flat"
amount = 3
[[events]]
kind = "surge"
day = 1
factor = 2
[[shops]]
name = "a"
prices = [1, 2]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("w.toml")
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("days=5", ("days",), 5),
        ("  days = 5 ", ("days",), 5),
        ("title=plain text", ("title",), "plain text"),
        ("title=2030", ("title",), "2030"),
        ('title="quoted"', ("title",), "quoted"),
        ("title=a=b", ("title",), "a=b"),
        ("events.0.day=7", ("events", 0, "day"), 7),
        ("shops.0.prices.1=9", ("shops", 0, "prices", 1), 9.0),
        ("shops.0.prices=[4, 5.5]", ("shops", 0, "prices"), (4.0, 5.5)),
        ("platform.closed_on=monday", ("platform", "closed_on"), "monday"),
        ("platform.cap=auto", ("platform", "cap"), "auto"),
        ("platform.cap=2", ("platform", "cap"), 2.0),
        ("policies.subsidy.amount=4", ("policies", "subsidy", "amount"), 4.0),
        ('weights."two words"=1', ("weights", "two words"), 1.0),
        ("written={name = 'b'}", ("written", "name"), "b"),
    ],
)
def test_a_value_takes_the_place_of_the_files(
    file: Path, world: type[BaseModel], text: str, key: tuple[str | int, ...], value: Any
) -> None:
    found: Any = load_toml(file, world, [text]).model_dump(mode="python")
    for part in key:
        found = found[part]
    assert getattr(found, "value", found) == value


def test_another_name_begins_with_its_own_defaults_whatever_the_order(
    file: Path, world: type[BaseModel]
) -> None:
    overrides = ["policies.subsidy.groups=['old']", "policies.subsidy.name=targeted"]
    subsidy = load_toml(file, world, overrides).model_dump()["policies"]["subsidy"]
    assert subsidy == {"name": "targeted", "amount": 2.0, "groups": ("old",)}


def test_the_same_name_again_keeps_the_files_parameters(file: Path, world: type[BaseModel]) -> None:
    loaded = load_toml(file, world, ["policies.subsidy.name=flat"])
    assert loaded.model_dump()["policies"]["subsidy"]["amount"] == 3.0


def test_a_table_that_the_file_lacks_starts_from_its_default(
    file: Path, world: type[BaseModel]
) -> None:
    platform = load_toml(file, world, ["platform.margin_low=0.2"]).model_dump()["platform"]
    assert platform["margin_low"] == 0.2
    assert platform["commission"] == 0.2  # of the whole's default, not of the table's own


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "days",
            "--set days: no '=' after the key; must be KEY=VALUE, such as consumers.count=1000",
        ),
        ("=5", "--set =5: not a dotted key; must be KEY=VALUE, such as consumers.count=1000"),
        ("dyas=5", "--set dyas=5: unknown key; did you mean days?"),
        ("days=0", "--set days=0: must be at least 1 (length of a run)"),
        ("days.x=0", "--set days.x=0: days is a whole number, not a table with keys"),
        (
            "events.2.day=0",
            "--set events.2.day=0: events is a list; its entries are events.0 to events.0",
        ),
        (
            "events.x.day=0",
            "--set events.x.day=0: events is a list; its entries are events.0 to events.0",
        ),
        (
            "policies.subsidy={name = 'flat', amount = -1}",
            (
                "--set policies.subsidy={name = 'flat', amount = -1}: "
                "policies.subsidy.amount = -1: must be at least 0 (paid for each unit)"
            ),
        ),
        (
            "written.prices=[]",
            "--set written.prices=[]: written.name: missing; must be text (what it is called)",
        ),
        (
            "policies.subsidy.name=falt",
            (
                '--set policies.subsidy.name=falt: must be one of "none", "flat", "targeted"; '
                'did you mean "flat"?'
            ),
        ),
    ],
)
def test_what_cannot_be_set_is_refused_with_its_reason(
    file: Path, world: type[BaseModel], text: str, message: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_toml(file, world, [text])
    assert str(caught.value).splitlines()[0] == message


def test_an_entry_of_an_empty_list_cannot_be_set(world: type[BaseModel]) -> None:
    with pytest.raises(ScenarioError, match=r"shops is an empty list; set it as a whole"):
        override(world(title="x"), ["shops.0.name=b"])


def test_text_that_holds_a_line_of_toml_stays_text(file: Path, world: type[BaseModel]) -> None:
    text = "title=1\ndays = 9"
    loaded = load_toml(file, world, [text]).model_dump()
    assert loaded["title"] == "1\ndays = 9"
    assert loaded["days"] == 30


def test_a_model_is_changed_as_its_file_would_be(file: Path, world: type[BaseModel]) -> None:
    overrides = ["events.0.factor=5", "policies.subsidy.name=none", "days=9"]
    assert override(load_toml(file, world), overrides) == load_toml(file, world, overrides)


def test_changing_a_model_leaves_the_old_one_as_it_was(file: Path, world: type[BaseModel]) -> None:
    loaded = load_toml(file, world)
    before = loaded.model_dump()
    override(loaded, ["events.0.factor=5", "weights.x=1"])
    assert loaded.model_dump() == before
