"""The map of deliveries in a real browser: slider, clock, play button, keyboard, print."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from browsing import chromium, expect, opened_page

from experiments import run
from experiments.reporting.driven import Driven, driven
from experiments.run_folder import RunData, read_run

DAYS = 8


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    folder = tmp_path_factory.mktemp("map") / "run"
    run("tiny", days=DAYS, out=folder)
    return read_run(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Any, data: RunData) -> Iterator[Any]:
    with opened_page(browser, data.folder / "report.html") as (page, told):
        yield page
    assert told == []


def moves(data: RunData, day: int) -> pd.DataFrame:
    legs = data.tables["legs"]
    legs = legs[(legs["start"] // 1440 == day) & (legs["origin"] != legs["destination"])]
    return legs.assign(
        hour=(legs["start"] % 1440 // 60).astype(int),
        start=legs["start"] % 1440,
        end=legs["end"] - day * 1440,
    )


def late(data: RunData, day: int, hour: int) -> pd.DataFrame:
    jobs = data.tables["deliveries"].query("status == 1 and delivered > due")
    return jobs[(jobs["delivered"] // 60).astype(int) == day * 24 + hour]


def told(page: Any) -> str:
    return str(page.locator("#day-map-told").text_content())


def drawn(page: Any) -> str:
    return str(page.evaluate("document.querySelector('#day-map canvas').toDataURL()"))


def counts(data: RunData, kept: Driven, day: int, hour: int) -> list[int]:
    """Trips, couriers, most trips on a street and late parcels of an hour."""
    found = next(one for one in kept.days if one.day == day)
    paths = kept.paths
    trips = found.trips[found.trips["hour"] == hour]
    passed = pd.Series(
        [
            street
            for path in trips["path"]
            for street in {
                frozenset(pair) for pair in zip(paths[path][:-1], paths[path][1:], strict=True)
            }
        ]
    )
    legs = moves(data, day).query(f"hour == {hour}")
    most = passed.value_counts().max() if len(passed) else 0
    return [len(legs), legs["courier"].nunique(), int(most), len(late(data, day, hour))]


def test_every_hour_tells_what_the_tables_say(page: Any, data: RunData) -> None:
    kept = driven(data)
    texts = page.locator("#day-map-day option").all_text_contents()
    for place, text in enumerate(texts):
        day = int(re.findall(r"\d+", text)[0])
        page.locator("#day-map-day").select_option(str(place))
        hours = sorted(moves(data, day)["hour"].unique())
        for number, hour in enumerate(hours):
            page.locator("#day-map-hour").fill(str(number))
            seen = [int(one) for one in re.findall(r"\d+", told(page).partition(": ")[2])]
            assert told(page).startswith(f"Day {day}, {hour:02d}:00 to {hour + 1:02d}:00: ")
            assert seen == counts(data, kept, day, hour)


def test_the_slider_changes_what_is_drawn(page: Any) -> None:
    pictures = set()
    for number in range(4):
        page.locator("#day-map-hour").fill(str(number))
        pictures.add(drawn(page))
    assert len(pictures) == 4


def test_couriers_move_with_the_clock(page: Any, data: RunData) -> None:
    day = int(re.findall(r"\d+", told(page))[0])
    legs = moves(data, day)
    pictures = set()
    hour = int(re.findall(r"\d+", told(page))[1])
    for minute in (0, 20, 40, 59):
        page.locator("#day-map-minute").fill(str(minute))
        now = hour * 60 + minute
        driving = legs[(legs["start"].round(1) <= now) & (now < legs["end"].round(1))]
        laden = int((driving["parcels"] > 0).sum())
        seen = re.findall(r"\d+", page.locator("#day-map-driving").text_content())
        assert [int(one) for one in seen] == [len(driving), laden]
        assert page.locator("#day-map-minute-told").text_content() == f"{hour:02d}:{minute:02d}"
        pictures.add(drawn(page))
    assert len(pictures) > 1


def test_play_moves_the_clock_until_it_is_paused(page: Any) -> None:
    page.locator("#day-map-hour").fill("2")
    page.locator("#day-map-minute").fill("58")
    play = page.get_by_role("button", name="Play: couriers drive")
    play.click()
    expect(page.locator("#day-map-hour")).to_have_js_property("value", "3")
    page.get_by_role("button", name="Pause").click()
    assert page.locator("#day-map-play").text_content() == "Play"
    clock = page.locator("#day-map-minute-told").text_content()
    page.wait_for_timeout(150)
    assert page.locator("#day-map-minute-told").text_content() == clock


def test_whoever_wants_less_motion_sees_steps_of_five_minutes(browser: Any, data: RunData) -> None:
    path = data.folder / "report.html"
    with opened_page(browser, path, reduced_motion="reduce") as (page, complaints):
        page.locator("#day-map-minute").fill("10")
        page.locator("#day-map-play").click()
        clock = page.locator("#day-map-minute-told")
        expect(clock).not_to_have_text(re.compile(":10$"))
        assert clock.text_content().endswith(":15")
    assert complaints == []


def test_play_ends_with_the_day(page: Any) -> None:
    last = page.locator("#day-map-hour").get_attribute("max")
    page.locator("#day-map-hour").fill(last)
    page.locator("#day-map-minute").fill("59")
    page.locator("#day-map-play").click()
    expect(page.locator("#day-map-play")).to_have_text("Play")
    assert page.locator("#day-map-minute-told").text_content().endswith(":59")


def test_keys_move_it_and_a_screen_reader_hears_the_hour(page: Any) -> None:
    slider = page.get_by_role("slider", name="Hour")
    slider.focus()
    page.keyboard.press("Home")
    first = slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") != first
    assert slider.get_attribute("aria-valuetext") in told(page)
    assert page.locator("#day-map-told").get_attribute("aria-live") == "polite"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "day-map-minute"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "day-map-play"
    for name in ("Day", "Routes of"):
        assert page.get_by_role("combobox", name=name).is_visible()


def test_routes_of_one_courier_can_be_picked_out(page: Any, data: RunData) -> None:
    day, hour = (int(one) for one in re.findall(r"\d+", told(page))[:2])
    couriers = sorted(moves(data, day).query(f"hour == {hour}")["courier"].unique())
    options = page.locator("#day-map-courier option").all_text_contents()
    assert options == ["all", *(f"courier {one}" for one in couriers)]
    before = drawn(page)
    page.locator("#day-map-courier").select_option(str(couriers[0]))
    assert drawn(page) != before


def test_late_parcels_are_listed_latest_first_and_can_be_shown(page: Any, data: RunData) -> None:
    day, hour = (int(one) for one in re.findall(r"\d+", told(page))[:2])
    jobs = late(data, day, hour)
    by = (jobs["delivered"] - jobs["due"]).sort_values(ascending=False)
    rows = page.locator("#day-map-late-body tr")
    assert rows.count() == min(len(jobs), 12)
    names = data.tables["merchants"]["name"]
    worst = jobs.loc[by.index[0]]
    assert rows.first.locator("td").first.text_content() == names[worst["merchant"]]
    before = drawn(page)
    show = rows.first.get_by_role("button")
    show.click()
    assert show.get_attribute("aria-pressed") == "true"
    assert drawn(page) != before
    show.click()
    assert drawn(page) == before
    page.get_by_role("checkbox", name="late parcels").uncheck()
    assert drawn(page) != before


def test_it_can_be_looked_at_from_near(page: Any) -> None:
    whole = page.locator("#day-map-stage > svg").get_attribute("viewBox")
    bar = page.locator("#day-map-stage .bar").text_content()
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    near = page.locator("#day-map-stage > svg").get_attribute("viewBox")
    assert float(near.split()[2]) == float(whole.split()[2]) / 4
    assert page.locator("#day-map-stage .bar").text_content() != bar
    page.keyboard.press("ArrowLeft")
    moved = page.locator("#day-map-stage > svg").get_attribute("viewBox")
    assert float(moved.split()[0]) < float(near.split()[0])
    page.get_by_role("button", name="Whole map").click()
    assert page.locator("#day-map-stage > svg").get_attribute("viewBox") == whole


def test_whoever_looks_from_near_sees_what_was_driven(page: Any) -> None:
    something = """(() => {
        const canvas = document.querySelector('#day-map canvas');
        const copy = new OffscreenCanvas(canvas.width, canvas.height);
        const pen = copy.getContext('2d', {willReadFrequently: true});
        pen.drawImage(canvas, 0, 0);
        const box = [0, 0, canvas.width, canvas.height];
        return pen.getImageData(...box).data.some((one) => one > 0);
    })()"""
    hours = int(page.locator("#day-map-hour").get_attribute("max")) + 1
    for hour in range(0, hours, 2):
        page.locator("#day-map-hour").fill(str(hour))
        page.get_by_role("button", name="Whole map").click()
        for _ in range(3):
            page.get_by_role("button", name="Zoom in").click()
        assert page.evaluate(something)


def test_a_map_moved_by_hand_stays_where_it_is_when_looked_at_from_nearer(page: Any) -> None:
    near = page.get_by_role("button", name="Zoom in")
    near.click()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
    near.click()
    box = page.locator("#day-map-stage > svg").get_attribute("viewBox").split()
    wide, tall = float(box[2]), float(box[3])
    assert [float(one) for one in box[:2]] == [wide / 2, tall / 2]


def test_the_way_of_a_late_parcel_follows_the_streets(page: Any, data: RunData) -> None:
    lines = """(() => {
        const pen = document.querySelector('#day-map canvas').getContext('2d');
        window.lines = []; let now = [];
        const [begin, move, on, stroke] = ['beginPath', 'moveTo', 'lineTo', 'stroke']
            .map((name) => pen[name].bind(pen));
        pen.beginPath = () => { now = []; begin(); };
        pen.moveTo = (x, y) => { now.push([[x, y]]); move(x, y); };
        pen.lineTo = (x, y) => { now.at(-1).push([x, y]); on(x, y); };
        pen.stroke = () => {
            window.lines.push([pen.strokeStyle, pen.getLineDash().length, now]); stroke();
        };
    })()"""
    day, hour = (int(one) for one in re.findall(r"\d+", told(page))[:2])
    jobs = late(data, day, hour)
    jobs = jobs.assign(by=jobs["delivered"] - jobs["due"]).sort_values(
        "by", ascending=False, kind="stable"
    )
    kept = driven(data)
    found = next(one for one in kept.days if one.day == day)
    page.evaluate(lines)
    followed = 0
    for row, job in enumerate(jobs.head(12).itertuples()):
        page.evaluate("window.lines = []")
        show = page.locator("#day-map-late-body tr").nth(row).get_by_role("button")
        show.click()
        ink = [one for one in page.evaluate("window.lines") if one[0] == "#1b1f24"]
        ways = [way for _, dashes, some in ink if not dashes for way in some if len(way) > 1]
        dashed = [way for _, dashes, some in ink if dashes for way in some]
        on_board = found.trips[
            (found.trips["courier"] == job.courier)
            & (found.trips["start"] >= job.picked_up - day * 1440 - 0.1)
            & (found.trips["end"] <= job.delivered - day * 1440 + 0.1)
        ]
        assert len(ways) == len(on_board)
        assert [len(way) for way in ways] == [len(kept.paths[one]) for one in on_board["path"]]
        if job.picked_up >= day * 1440:
            assert dashed == []
            followed += len(ways) > 0
        show.click()
    assert followed > 0


def test_the_key_is_that_of_the_colours_chosen(browser: Any, tmp_path: Path) -> None:
    run("tiny", days=1, overrides=["roads.traffic.on=true"], out=tmp_path / "run")
    with opened_page(browser, tmp_path / "run" / "report.html") as (page, complaints):
        trips, volumes = page.locator(".key.by-trips"), page.locator(".key.by-volume")
        assert (trips.is_visible(), volumes.is_visible()) == (True, False)
        page.locator("#day-map-colour").select_option("full")
        assert (trips.is_visible(), volumes.is_visible()) == (False, True)
        page.emulate_media(media="print")  # where the picture of trips stands
        assert (trips.is_visible(), volumes.is_visible()) == (True, False)
    assert complaints == []


def test_it_fits_a_telephone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_print_shows_the_picture_and_no_controls(page: Any) -> None:
    page.emulate_media(media="print")
    assert not page.locator("#day-map-controls").is_visible()
    assert not page.locator("#day-map canvas").is_visible()
    assert page.locator("#day-map .hour").is_visible()


def test_without_javascript_the_busiest_hour_is_there(browser: Any, data: RunData) -> None:
    path = data.folder / "report.html"
    with opened_page(browser, path, java_script_enabled=False) as (page, complaints):
        assert page.locator("#day-map .hour").is_visible()
        assert not page.locator("#day-map-controls").is_visible()
        assert "with JavaScript, any hour can be chosen" in page.locator("#day-map").inner_text()
        day, hour = (int(one) for one in re.findall(r"\d+", told(page))[:2])
        most = max(moves(data, one.day)["hour"].value_counts().max() for one in driven(data).days)
        assert len(moves(data, day).query(f"hour == {hour}")) == most
    assert complaints == []


def test_the_policy_stops_a_script_that_is_not_ours(
    browser: Any, data: RunData, tmp_path: Path
) -> None:
    text = (data.folder / "report.html").read_text("utf-8")
    copy = tmp_path / "changed.html"
    copy.write_text(text.replace("</main>", "<script>window.hit=1</script></main>"))
    with opened_page(browser, copy) as (page, complaints):
        assert page.evaluate("window.hit") is None
        assert page.locator("#day-map-controls").is_visible()
    assert len(complaints) == 1
