"""The page and report.json: the same content, escaped, small, and the same bytes each time."""

import html
import json
import re
from pathlib import Path

import pytest
from synthetic_studies import CAP, cap_study, peak, results_of

from experiments.reporting.scripts import script
from experiments.study_report.analysis import analyse
from experiments.study_report.page import as_json, render
from experiments.study_report.slider import SCRIPT, sweep_command

HOSTILE = '</script><script>alert("1")</script><img src=x onerror=alert(2)> & \' {{ 7 * 7 }}'


def text_of(page: str) -> str:
    """What a reader sees, charts and scripts apart."""
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture(scope="module")
def made() -> tuple[str, dict]:  # type: ignore[type-arg]
    results = results_of(cap_study())
    answer = analyse(results)
    return render(answer, results.loaded), json.loads(as_json(answer))


def test_the_same_results_give_the_same_bytes(made: tuple[str, dict]) -> None:  # type: ignore[type-arg]
    results = results_of(cap_study())
    answer = analyse(results)
    assert render(answer, results.loaded) == made[0]
    assert json.loads(as_json(answer)) == made[1]


def test_all_that_the_data_tell_stands_on_the_page(made: tuple[str, dict]) -> None:  # type: ignore[type-arg]
    page, data = made
    seen = text_of(page)

    def told(content: object) -> list[str]:
        if isinstance(content, dict):
            return [one for value in content.values() for one in told(value)]
        if isinstance(content, list):
            return [one for value in content for one in told(value)]
        return [content] if isinstance(content, str) else []

    for part in ("sentences", "rule", "more", "warnings", "red_lines", "front", "survival",
                 "untested", "failures", "method", "reproduction", "no_sides"):  # fmt: skip
        skipped = {"keys", "key", "kind", "sweep", "fate", "factor", "better"}
        content = data[part]
        if isinstance(content, dict):
            content = {key: value for key, value in content.items() if key not in skipped}
        for one in told(content):
            words = re.sub(r"\s+", " ", one.replace("_", " "))
            if words in {"uncertainty", "nominal", "alternative"}:
                continue
            assert words in seen.replace("_", " ").replace(" .", "."), (part, one)
    for row in (*data["outcomes"], *data["sides"]):
        for place, setting in enumerate(data["settings"]):
            amounts = [row["differences"][place]]
            amounts = [row["means"][place]] if setting["is_base"] else amounts
            for amount in amounts:
                assert amount["told"] in seen
                assert amount["band"] in seen


def test_numbers_of_the_data_round_to_their_texts(made: tuple[str, dict]) -> None:  # type: ignore[type-arg]
    _, data = made
    for row in data["outcomes"]:
        for one in (*row["means"], *row["differences"]):
            scale = 0.01 if one["told"].endswith("%") else 1.0
            digits = one["told"].rstrip("%").replace(",", "").replace("−", "-")
            half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
            assert abs(float(digits) - one["mean"] / scale) <= half * 1.0001


def test_the_page_asks_for_nothing_and_lets_its_own_script_run_alone(
    made: tuple[str, dict],  # type: ignore[type-arg]
) -> None:
    page, _ = made
    policy = html.unescape(re.search(r'Security-Policy" content="([^"]*)"', page)[1])  # type: ignore[index]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/]{43}='", policy)
    assert "script-src 'unsafe-inline'" not in policy
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!#)", page)
    assert "url(http" not in page
    assert not re.search(r"\son\w+\s*=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


def test_labels_can_neither_end_the_data_nor_run() -> None:
    loaded = cap_study(
        title=HOSTILE,
        question=HOSTILE,
        levers=({"key": CAP, "label": HOSTILE[:80], "levels": [0.0, 0.1, 0.2]},),
        alternatives=({"label": HOSTILE[:80], "changes": {"days": 13}},),
    )
    results = results_of(loaded, peak, replications=6)
    page = render(analyse(results), loaded)
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert "{{ 7 * 7 }}" in html.unescape(page)
    data = re.search(r'id="slider-data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["levers"][0]["label"] == HOSTILE[:80]


def test_eleven_levels_of_twelve_outcomes_in_ten_worlds_stay_below_two_megabytes() -> None:
    outcomes = tuple(
        {"name": f"o{k}", "label": f"Outcome {k}", "indicator": "consumer_surplus"}
        for k in range(12)
    )
    loaded = cap_study(
        levers=(
            {"key": CAP, "label": "Cap", "unit": "share", "low": 0.0, "high": 0.5, "steps": 11},
        ),
        uncertainties=(
            {"key": "consumers.multi_homing", "low": 0.0, "high": 0.8, "steps": 5},
            {"key": "merchants.capital_days", "low": 100.0, "high": 300.0, "steps": 4},
        ),
        alternatives=(),
        outcomes=outcomes,
    )
    assert len(loaded.layout.worlds) == 10
    results = results_of(loaded, replications=4)
    page = render(analyse(results), loaded)
    assert len(page.encode()) < 2_000_000


@pytest.mark.slow
def test_a_grid_of_many_settings_stays_below_two_megabytes_and_says_what_it_leaves_out() -> None:
    loaded = cap_study(
        levers=(
            {"key": CAP, "label": "Cap", "unit": "share", "low": 0.0, "high": 0.4, "steps": 20},
            {"key": "platform.commission", "low": 0.05, "high": 0.2, "steps": 20},
        ),
        uncertainties=(),
        alternatives=(),
    )
    answer = analyse(results_of(loaded, replications=3))
    page = render(answer, loaded)
    assert len(page.encode()) < 2_000_000
    assert "Of 400 settings the tables have 150" in text_of(page)
    assert "no slider: 400 settings" in text_of(page)
    assert len(json.loads(as_json(answer))["settings"]) == 400


def test_two_levers_have_a_slider_each_and_a_coloured_table() -> None:
    loaded = cap_study(
        levers=(
            {"key": CAP, "label": "Cap", "unit": "share", "levels": [0.0, 0.1, 0.2]},
            {"key": "policies.sanctions.name", "label": "Sanctions", "levels": ("none", "ladder")},
        ),
        alternatives=(),
    )
    results = results_of(loaded, replications=6)
    page = render(analyse(results), loaded)
    assert page.count('type="range"') == 2
    assert page.count('type="number"') == 1  # names are no numbers
    assert "by both levers" in page
    assert "Cap 20%, Sanctions ladder".lower() in text_of(page).lower()


@pytest.mark.parametrize("ranged", [False, True])
def test_the_command_of_another_value_gives_a_study_with_it(ranged: bool, tmp_path: Path) -> None:
    """Its quoting is the shell's, and its value the schema's."""
    import shlex

    from experiments.studies.loading import load_study

    label = "Cap on our \"own\" 'subsidies'"
    levels = "low = 0.0\nhigh = 0.4\nsteps = 5" if ranged else "levels = [0.0, 0.2, 0.4]"
    file = tmp_path / "it's mine.toml"
    file.write_text(
        f"scenario = 'tiny'\n[[levers]]\nkey = '{CAP}'\nlabel = {json.dumps(label)}\n{levels}\n"
        "[[outcomes]]\nname = 'trust'\nindicator = 'trust'\n"
    )
    loaded = load_study(file)
    answer = analyse(results_of(loaded, lambda p, _: float(p.changes[CAP]), replications=3))
    command = shlex.split(sweep_command(answer, 0, loaded.study.levers[0], "0, 0.15, 0.2"))
    assert command[:2] == ["weal", "sweep"]
    changes = [command[place + 1] for place, word in enumerate(command) if word == "--set"]
    again = load_study(command[2], overrides=["levers.0.levels=[0, 0.4]", *changes][ranged:])
    assert [one.values[CAP] for one in again.layout.settings] == [0.0, 0.15, 0.2]
    assert again.study.levers[0].label == label


def test_the_script_stands_in_the_page_as_its_hash_was_made(made: tuple[str, dict]) -> None:  # type: ignore[type-arg]
    assert f"<script>{script(SCRIPT)}</script>" in made[0]
