"""Every problem of a file is told at once: where it stands, what is allowed, what to do."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from scenarios.errors import ScenarioError
from scenarios.loading import load_toml

Load = Callable[..., Any]


@pytest.fixture
def load(tmp_path: Path, world: type[BaseModel], monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def load_text(text: str, *overrides: str) -> Any:
        Path("w.toml").write_text(text, encoding="utf-8")
        return load_toml("w.toml", world, overrides)

    return load_text


@pytest.fixture
def messages(load: Load) -> Callable[..., list[str]]:
    def told(text: str, *overrides: str) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            load(text, *overrides)
        return str(caught.value).splitlines()

    return told


Messages = Callable[..., list[str]]


def test_a_good_file_becomes_a_frozen_model(load: Load) -> None:
    world = load(
        'title = "x"\n'
        "platform = {hours = [9, 17.5], closed_on = 'monday', data = 'a/b', cap = 3}\n"
        "weights.prices = 2\n"
        '[[events]]\nkind = "strike"\nday = 3\n'
        '[policies.subsidy]\nname = "targeted"\ngroups = ["new", "poor"]\n'
    )
    assert world.platform.hours == (9.0, 17.5)
    assert world.platform.closed_on.value == "monday"
    assert world.platform.data == Path("a/b")
    assert world.events[0].share == 1.0
    assert world.policies.subsidy.groups == ("new", "poor")
    assert world.weights == {"prices": 2.0}
    hash(world.platform)


def test_all_problems_are_told_at_once_in_the_order_of_the_file(messages: Messages) -> None:
    told = messages(
        'title = "x"\n[consumers]\ncuont = 3\ncount = -5\n[platform]\nmode = "opne"\n',
        "platform.commission=1.4",
    )
    assert told == [
        "w.toml:3: consumers.cuont: unknown key; did you mean consumers.count?",
        "w.toml:4: consumers.count = -5: must be at least 1 (number of consumers)",
        (
            'w.toml:6: platform.mode = "opne": must be one of "open", "closed"; '
            'did you mean "open"? (who may sell)'
        ),
        "--set platform.commission=1.4: must be at most 0.5 (share of the price)",
        "4 errors in w.toml",
    ]


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (
            'consumers.count = "5"',
            (
                'consumers.count = "5": must be a whole number from 1 to 5000000, not text '
                "(number of consumers)"
            ),
        ),
        (
            "consumers.count = 2.5",
            (
                "consumers.count = 2.5: must be a whole number from 1 to 5000000, "
                "not a number with a fraction (number of consumers)"
            ),
        ),
        (
            "consumers.patience = true",
            (
                "consumers.patience = true: must be a number, above 0 and below 1, not true "
                "(share that waits)"
            ),
        ),
        (
            "consumers.patience = 1",
            "consumers.patience = 1: must be less than 1 (share that waits)",
        ),
        (
            "consumers.returning = 1",
            (
                "consumers.returning = 1: must be true or false, not a whole number "
                "(whether they come back)"
            ),
        ),
        ("consumers = 3", "consumers = 3: must be a table, not a whole number"),
        (
            'platform.closed_on = "sundae"',
            (
                'platform.closed_on = "sundae": must be one of "monday", "sunday"; '
                'did you mean "sunday"? (day of rest)'
            ),
        ),
        (
            "platform.hours = [8]",
            "platform.hours.1: missing; must be a number (opening and closing hour)",
        ),
        (
            "platform.hours = 8",
            (
                "platform.hours = 8: must be a list of 2: a number, a number, not a whole number "
                "(opening and closing hour)"
            ),
        ),
        (
            'shops = [{name = ""}]',
            'shops.0.name = "": must have at least 1 character (what it is called)',
        ),
        (
            'shops = [{name = "a", prices = [1, 2, 3, 4]}]',
            "shops.0.prices = [1, 2, 3, 4]: must have at most 3 entries (what things cost)",
        ),
        (
            'shops = [{name = "a"}, {name = "b", prices = [1, -2]}]',
            "shops.1.prices.1 = -2: must be at least 0 (what things cost)",
        ),
        ("shops = [{}]", "shops.0.name: missing; must be text (what it is called)"),
        (
            'weights = {"two words" = "x"}',
            'weights."two words" = "x": must be a number, not text',
        ),
        (
            "written.name = 5",
            "written.name = 5: must be text, not a whole number (what it is called)",
        ),
    ],
)
def test_each_kind_of_wrong_value_says_what_is_allowed(
    messages: Messages, assignment: str, message: str
) -> None:
    told = messages(f'title = "x"\n{assignment}\n')
    assert told == [f"w.toml:2: {message}", "1 error in w.toml"]


def test_a_value_that_fits_no_member_of_a_union_tells_all_of_them_once(messages: Messages) -> None:
    allowed = 'must be a number from 0 to 9 or "auto"'
    assert messages('title = "x"\nplatform.cap = "off"\n')[:-1] == [
        f'w.toml:2: platform.cap = "off": {allowed} (largest discount)'
    ]
    assert messages('title = "x"\nplatform.cap = 12\n')[:-1] == [
        f"w.toml:2: platform.cap = 12: {allowed} (largest discount)"
    ]


def test_a_missing_key_is_placed_at_the_table_that_lacks_it(messages: Messages) -> None:
    told = messages('[[events]]\nkind = "surge"\nday = 1\n')
    assert told[:-1] == [
        "w.toml: title: missing; must be text (what reports call it)",
        "w.toml:1: events.0.factor: missing; must be a number, at least 0 (factor on visits)",
    ]


def test_an_entry_is_judged_by_the_kind_it_has_and_by_no_other(messages: Messages) -> None:
    told = messages(
        'title = "x"\n[[events]]\nkind = "strike"\nday = -1\nfactor = 3\n'
        '[[events]]\nkind = "stirke"\nday = 1\n[[events]]\nday = 2\n'
    )
    assert told[:-1] == [
        "w.toml:4: events.0.day = -1: must be at least 0 (first day)",
        (
            'w.toml:5: events.0.factor: unknown key where kind is "strike"; '
            "known here: kind, day, share"
        ),
        (
            'w.toml:7: events.1.kind = "stirke": must be one of "surge", "strike"; '
            'did you mean "strike"?'
        ),
        'w.toml:9: events.2.kind: missing; must be one of "surge", "strike"',
    ]


def test_a_table_named_in_a_registry_is_judged_by_the_model_of_that_name(
    messages: Messages,
) -> None:
    told = messages('title = "x"\n[policies.subsidy]\nname = "flat"\namount = 11\namuont = 1\n')
    assert told[:-1] == [
        "w.toml:4: policies.subsidy.amount = 11: must be at most 10 (paid for each unit)",
        (
            'w.toml:5: policies.subsidy.amuont: unknown key where name is "flat"; '
            "did you mean policies.subsidy.amount?"
        ),
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('{name = "falt"}', '.name = "falt": must be one of {}; did you mean "flat"?'),
        ("{}", ".name: missing; must be one of {}"),
        ("3", " = 3: must be a table with a known name (who is subsidised)"),
    ],
)
def test_an_unknown_name_tells_the_registered_ones(
    messages: Messages, table: str, message: str
) -> None:
    told = messages(f'title = "x"\npolicies.subsidy = {table}\n')
    names = '"none", "flat", "targeted"'
    assert told[0] == f"w.toml:2: policies.subsidy{message.replace('{}', names)}"


@pytest.mark.parametrize(
    ("key", "suggestion"),
    [
        ("dyas", "days"),
        ("commission", "platform.commission"),
        ("consumers.margin_low", "platform.margin_low"),
        ("platform.Mode", "platform.mode"),
    ],
)
def test_an_unknown_key_suggests_the_nearest_one_anywhere(
    messages: Messages, key: str, suggestion: str
) -> None:
    told = messages(f'title = "x"\n{key} = 1\n')
    assert told[0] == f"w.toml:2: {key}: unknown key; did you mean {suggestion}?"


def test_a_key_like_no_other_is_told_which_ones_are_known(messages: Messages) -> None:
    told = messages('title = "x"\nconsumers.zzz = 1\n')
    assert told[0] == (
        "w.toml:2: consumers.zzz: unknown key; known here: count, patience, returning"
    )


def test_a_rule_between_keys_names_them_and_stands_at_the_first(messages: Messages) -> None:
    told = messages('title = "x"\n[platform]\nmode = "open"\nmargin_low = 0.5\n')
    assert told[0] == (
        "w.toml:4: platform.margin_low, platform.margin_high: "
        "the smallest must not exceed the largest"
    )


def test_a_validator_can_tell_several_problems_each_at_its_key(messages: Messages) -> None:
    told = messages(
        'title = "x"\ndays = 5\nevents = [\n{kind = "strike", day = 7},\n'
        '{kind = "strike", day = 1},\n{kind = "strike", day = 9},\n]\n'
    )
    assert told == [
        "w.toml:4: events.0.day = 7: must be before the end, day 5",
        "w.toml:6: events.2.day = 9: must be before the end, day 5",
        "2 errors in w.toml",
    ]


def test_what_is_not_toml_is_shown_with_its_place(messages: Messages) -> None:
    told = messages('title = "x"\ndays = 3,5\n')
    assert told == [
        "w.toml:2:9: not TOML: expected newline or end of document after a statement",
        "    days = 3,5",
        "            ^",
        "1 error in w.toml",
    ]


def test_a_text_that_never_ends_is_placed_at_the_end(messages: Messages) -> None:
    assert messages('title = """x\nmore')[0].startswith("w.toml:2:5: not TOML: ")


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, world: type[BaseModel]) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'days = 3\ntitle = "caf\xe9"\n')
    for path, message in (
        (tmp_path / "none.toml", "none.toml: no such file"),
        (tmp_path, "is a folder; name a TOML file"),
        (latin, "latin.toml:2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    ):
        with pytest.raises(ScenarioError) as caught:
            load_toml(path, world)
        assert message in str(caught.value)


def test_a_byte_order_mark_is_no_error(tmp_path: Path, world: type[BaseModel]) -> None:
    path = tmp_path / "bom.toml"
    path.write_bytes(b'\xef\xbb\xbftitle = "x"\r\ndays = 3\r\n')
    assert load_toml(path, world).model_dump()["days"] == 3


def test_problems_are_told_to_machines_too(load: Load) -> None:
    with pytest.raises(ScenarioError) as caught:
        load('title = "x"\nconsumers.patience = inf\nplatform.mode = "opne"\n')
    told = json.loads(json.dumps(caught.value.as_dicts(), allow_nan=False))
    assert told[0]["value"] == "inf"
    assert told[1] == {
        "file": "w.toml",
        "line": 3,
        "key": "platform.mode",
        "value": "opne",
        "message": 'must be one of "open", "closed"; did you mean "open"? (who may sell)',
        "allowed": 'one of "open", "closed"',
        "suggestion": '"open"',
    }


def test_checking_needs_none_of_the_heavy_libraries() -> None:
    heavy = ["numpy", "pandas", "torch", "mesa", "scipy", "matplotlib", "networkx"]
    script = (
        f"import sys, scenarios.loading\nprint([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
