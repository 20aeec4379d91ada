"""The page in a real browser: its sliders by mouse and keyboard, no request, no error, print."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium, opened_page
from synthetic_studies import CAP, cap_study, results_of

from experiments.study_report.analysis import analyse
from experiments.study_report.page import as_json, render


@dataclass
class Opened:
    """A page and the content of its report."""

    page: Any
    data: dict[str, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    results = results_of(cap_study())
    answer = analyse(results)
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(answer, results.loaded), encoding="utf-8")
    return path, json.loads(as_json(answer))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def opened(browser: Any, made: tuple[Path, dict[str, Any]]) -> Iterator[Opened]:
    path, data = made
    with opened_page(browser, path) as (page, told):
        yield Opened(page, data)
    assert told == []


def shown(opened: Opened) -> list[list[str]]:
    """Texts of the slider's table: mean, its band, difference, its band, word; a row a quantity."""
    cells = opened.page.locator("#slider tbody tr.row").evaluate_all(
        "rows => rows.map(row =>"
        " [...row.querySelectorAll('td b, td span')].map(x => x.textContent))"
    )
    return [list(map(str, row)) for row in cells]


def told(opened: Opened, setting: int) -> list[list[str]]:
    """The same as report.json has it."""
    rows = [*opened.data["outcomes"], *opened.data["sides"]]
    return [
        [amount[key] for amount in (row["means"][setting], row["differences"][setting])
         for key in ("told", "band")]
        for row in rows
    ]  # fmt: skip


def slide(opened: Opened, place: int) -> None:
    opened.page.locator("#range-0").fill(str(place))


def test_it_begins_at_the_recommended_setting(opened: Opened) -> None:
    assert opened.page.locator("#slider").is_visible()
    assert opened.page.locator("#level-0").text_content() == "20%"
    assert [row[:4] for row in shown(opened)] == told(opened, opened.data["recommended"])


def test_every_outcome_moves_along_with_the_slider(opened: Opened) -> None:
    for place in range(5):
        slide(opened, place)
        assert [row[:4] for row in shown(opened)] == told(opened, place)
    assert opened.page.locator("#level-0").text_content() == "40%"
    assert shown(opened)[0][4] == "no difference told"
    assert opened.page.locator("#slider-note").text_content().startswith("40%: is not among")


def test_bands_are_drawn_where_their_numbers_are(opened: Opened) -> None:
    def band() -> tuple[float, float, float]:
        strip = opened.page.locator("#slider tbody tr.row").first.locator("svg")
        read = strip.evaluate(
            "s => [s.children[0].getAttribute('x1'), s.children[1].getAttribute('x'),"
            " s.children[2].getAttribute('cx')]"
        )
        zero, low, mean = map(float, read)
        return zero, low, mean

    slide(opened, 2)
    before = zero, low, mean = band()
    assert zero < low < mean  # better than the base for sure
    slide(opened, 4)
    assert band()[2] != before[2]
    assert band()[1] < band()[0]  # 40% is not better than the base for sure


def test_arrow_keys_move_it_and_a_screen_reader_hears_the_level(opened: Opened) -> None:
    slider = opened.page.get_by_role("slider", name="Cap on subsidies")
    slider.focus()
    assert slider.evaluate("x => getComputedStyle(x).outlineStyle") != "none" or slider.evaluate(
        "x => x.matches(':focus-visible')"
    )
    opened.page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "30%"
    assert [row[:4] for row in shown(opened)] == told(opened, 3)
    opened.page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext") == "0%"
    opened.page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "40%"
    assert opened.page.locator("#slider-note").get_attribute("aria-live") == "polite"
    assert opened.page.locator("#slider").get_attribute("role") == "group"


def test_the_tab_key_reaches_slider_and_box_in_this_order(opened: Opened) -> None:
    opened.page.locator("#range-0").focus()
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.id") == "box-0"


def test_another_value_shows_the_command_that_runs_it(opened: Opened) -> None:
    box = opened.page.get_by_role("spinbutton")
    command = opened.page.locator("#off-grid-command")
    box.fill("15")
    assert command.is_visible()
    assert command.text_content() == (
        "weal sweep caps.toml --set 'levers.0.levels=[0, 0.1, 0.15, 0.2, 0.3, 0.4]'"
    )
    box.fill("30")  # a level that was run: the slider goes there
    assert not command.is_visible()
    assert opened.page.locator("#level-0").text_content() == "30%"
    box.fill("7")  # 7 / 100 and 0.07 are one number
    assert "[0, 0.07, 0.1," in command.text_content()
    slide(opened, 1)
    assert not command.is_visible()
    assert box.input_value() == "10"


def test_a_printed_page_has_the_table_and_no_slider(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    assert not opened.page.locator("#slider").is_visible()
    seen = opened.page.locator("body").inner_text()
    for row in opened.data["outcomes"]:
        for place, one in enumerate(row["differences"]):
            if place != opened.data["base"]:
                assert one["told"] in seen


def test_it_fits_a_telephone(opened: Opened) -> None:
    opened.page.set_viewport_size({"width": 390, "height": 844})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    width = opened.page.locator("#slider table").evaluate("x => x.getBoundingClientRect().width")
    assert width <= 390


def test_without_javascript_all_numbers_are_there(
    browser: Any, made: tuple[Path, dict[str, Any]]
) -> None:
    path, data = made
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    seen = page.locator("body").inner_text()
    assert not page.locator("#slider").is_visible()
    assert "need JavaScript" in seen
    for row in data["outcomes"]:
        assert all(one["told"] in seen for one in row["means"])
    context.close()


def test_a_hostile_label_is_text(browser: Any, tmp_path: Path) -> None:
    label = "</script><script>window.hit=1</script><b>x</b>"
    loaded = cap_study(
        levers=({"key": CAP, "label": label, "levels": [0.0, 0.1, 0.2]},), alternatives=()
    )
    path = tmp_path / "hostile.html"
    path.write_text(render(analyse(results_of(loaded, replications=5)), loaded), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("window.hit") is None
    assert page.get_by_role("slider", name=label).is_visible()
    page.get_by_role("spinbutton").fill("0.15")
    assert "0.15" in page.locator("#off-grid-command").text_content()
    page.close()


def test_the_policy_stops_a_script_that_is_not_ours(
    browser: Any, made: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path, _ = made
    text = path.read_text(encoding="utf-8")
    assert re.search("script-src", html.unescape(text))
    copy = tmp_path / "changed.html"
    copy.write_text(text.replace("</main>", "<script>window.hit=1</script></main>"))
    page = browser.new_page()
    page.goto(copy.as_uri())
    assert page.evaluate("window.hit") is None
    page.close()
