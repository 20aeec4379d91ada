"""What a report says: numerals, interventions, answers and who won."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import run
from experiments.headline import answers, headline, index_of, period
from experiments.interventions import compared_days, interventions, largest, shifts
from experiments.map_tables import streets_of
from experiments.numerals import measured, money, number, percent, rate
from experiments.reporting.gains import by_group, by_size, sanction_rows
from experiments.reporting.page import render
from experiments.run_folder import RunData, read_run
from scenarios.cities import load as load_cities
from scenarios.find import find_scenario
from scenarios.loading import load_toml
from scenarios.schema import Scenario


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    folder = tmp_path_factory.mktemp("report") / "run"
    run("tiny", days=9, out=folder)
    return read_run(folder)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), "–"),
        (0.0, "0"),
        (-0.0001, "-0.0001"),
        (0.12345, "0.123"),
        (12.34, "12.3"),
        (1234.5, "1,234"),
        (2_345_678.0, "2.35 million"),
        (6.2e10, "62.00 billion"),
    ],
)
def test_a_number_has_the_digits_that_matter(value: float, text: str) -> None:
    assert number(value) == text


def test_shares_are_percentages_and_amounts_have_cents() -> None:
    assert measured(0.123, "share of sales") == "12%"
    assert percent(0.0123) == "1.2%"
    assert percent(0.0001) == "<0.1%"
    assert percent(0.9991) == "99.9%"
    assert money(8.5) == "8.50"
    assert money(-0.001) == "0.00"
    assert rate("currency an hour") == " an hour"
    assert rate("share of sales") == ""


def test_interventions_hold_from_their_first_day_to_their_last() -> None:
    tiny = load_toml(find_scenario("tiny"), Scenario)
    surge, subsidy = interventions(tiny, days=14)
    assert (surge.mark, surge.label, surge.days) == ("A", "demand surge", "days 5–7")
    assert (subsidy.mark, subsidy.label, subsidy.days) == ("B", "more subsidy", "days 7–13")
    assert [what.days for what in interventions(tiny, days=6)] == ["day 5"]


def test_events_of_the_same_days_stand_together() -> None:
    festival = load_toml(find_scenario("festival"), Scenario)
    (only,) = interventions(festival, days=60)
    assert only.label == "festival, dearer supplies, coupon for all"


def test_the_largest_changes_are_told_first() -> None:
    tiny = load_toml(find_scenario("tiny"), Scenario)
    surge = interventions(tiny, days=14)[0]
    frame = pd.DataFrame({"orders": [10.0] * 5 + [20.0] * 9, "trust": [0.5] * 5 + [0.501] * 9})
    assert [one.name for one in largest(shifts(frame, surge, ["orders", "trust"]))] == ["orders"]


def test_an_intervention_is_not_compared_with_days_of_another() -> None:
    strike = load_toml(find_scenario("courier_strike"), Scenario)
    marked = interventions(strike, days=45)
    stayed_at_home, closed = marked
    assert compared_days(stayed_at_home, marked) == (range(14), range(14, 18))
    assert compared_days(closed, marked) == (range(14, 18), range(18, 21))
    nothing_left = [closed, dataclasses.replace(closed, mark="C", first=17, last=30)]
    assert compared_days(closed, nothing_left) == (range(4, 18), range(18, 21))
    frame = pd.DataFrame({"on_time_share": [0.9] * 14 + [0.1] * 10 + [0.9] * 21})
    assert largest(shifts(frame, closed, ["on_time_share"], marked)) == []
    assert largest(shifts(frame, stayed_at_home, ["on_time_share"], marked))[0].during < 0.2


def test_a_loss_of_the_shops_is_called_a_loss(data: RunData) -> None:
    def merchants(margin: float) -> str:
        told = answers(data.indicators.assign(margin=margin), data.scenario)
        return next(answer.what for answer in told if answer.who == "Merchants")

    assert "their loss after all costs was 5.0% of revenue" in merchants(-0.05)
    assert "their profit after all costs was 5.0% of revenue" in merchants(0.05)


def test_every_side_of_the_market_is_answered(data: RunData) -> None:
    who = [answer.who for answer in answers(data.indicators, data.scenario)]
    assert who[:5] == ["Consumers", "Merchants", "Couriers", "Platform", "Treasury"]
    assert who[5].startswith("Demand surge")
    assert who[-1] == "Health index"


def test_minutes_are_called_minutes(data: RunData) -> None:
    waiting = data.indicators * 0 + 1.0
    waiting["click_to_door"] = [10.0] * 5 + [40.0] * 4
    told = "".join(answer.what for answer in answers(waiting, data.scenario))
    assert "from order to door rose from 10 to 40 minutes" in told


def test_the_index_is_never_told_without_its_parts(data: RunData) -> None:
    result = index_of(data.indicators, data.scenario)
    told = next(line for line in headline(data.indicators, data.scenario) if "index" in line)
    page = render(data)
    assert f"{result.value:.2f} of 1" in told
    assert all(f"{name} {value:.2f}" in told for name, value in result.dimensions.items())
    assert "All dimensions weigh alike" in page
    assert all(f"<tr><td>{name.replace('_', ' ')} <span" in page for name in result.indicators)


def test_the_page_names_weights_that_differ(data: RunData) -> None:
    weights = {**data.scenario.health.index.weights, "privacy": 3.0}
    index = data.scenario.health.index.model_copy(update={"weights": weights})
    health = data.scenario.health.model_copy(update={"index": index})
    scenario = data.scenario.model_copy(update={"health": health})
    page = render(dataclasses.replace(data, scenario=scenario))
    assert "Their weights: consumers 1," in page
    assert "privacy 3" in page


def test_a_day_on_which_nothing_is_known_is_told_without_numbers(data: RunData) -> None:
    empty = data.indicators.head(1) * np.nan
    quiet = empty.assign(
        open_merchants=0.0, exits=0.0, entries=0.0, active_share=1.0, profit=0.0, gmv=0.0,
        subsidy_spend=0.0, fines=0.0, complaint_rate=np.nan,
    )  # fmt: skip
    text = "\n".join(headline(quiet, data.scenario))
    assert "nan" not in text
    assert "Nothing was sold" in text
    assert period(1) == "All numbers are of the run's one day."


def test_groups_and_sizes_add_up_to_the_whole(data: RunData) -> None:
    groups, sizes = by_group(data), by_size(data)
    assert sum(row["members"] for row in groups) == data.scenario.consumers.count
    orders = sum(row["orders"] * row["members"] for row in groups)
    assert orders == pytest.approx(len(data.tables["orders"]))
    assert sum(row["sales"][1] for row in sizes) == pytest.approx(1.0)
    assert sum(row["open"][1] for row in sizes) == data.indicators["open_merchants"].iloc[-1]
    counted = sum(row["count"] for row in sanction_rows(data))
    assert counted == sum(row["sanctions"] for row in sizes) == len(data.tables["sanctions"])


def test_group_surplus_is_the_indicator_broken_down(data: RunData) -> None:
    table = data.tables["consumer_groups"]
    by_day = table.groupby("day")[["surplus", "visits"]].sum()
    whole = by_day["surplus"] / 100.0 / by_day["visits"]
    np.testing.assert_allclose(whole, data.indicators["surplus_per_visit"])


def test_a_map_names_whom_it_owes(data: RunData) -> None:
    owed = "© <Surveyors> & Co"
    manifest = dataclasses.replace(data.manifest, attribution=owed)
    text = render(dataclasses.replace(data, manifest=manifest))
    assert "© &lt;Surveyors&gt; &amp; Co" in text
    assert "<Surveyors>" not in text


def test_a_plug_in_with_quotes_in_its_name_can_be_called_again(data: RunData) -> None:
    manifest = dataclasses.replace(data.manifest, plugins={"my 'odd\" one.py": "0" * 64})
    text = render(dataclasses.replace(data, manifest=manifest))
    assert "--plugin &#39;my " in text


def test_the_map_draws_streets_of_one_direction_too(tmp_path: Path) -> None:
    run("courier_strike", days=1, overrides=["consumers.count=100"], out=tmp_path / "run")
    tables = read_run(tmp_path / "run").tables
    streets = streets_of(tables["nodes"], tables["links"])
    lines = {
        frozenset([(row.x0, row.y0), (row.x1, row.y1)]) for row in streets.itertuples(index=False)
    }
    assert len(lines) == len(streets)
    network = load_cities("munich_centre")
    at = list(zip(network.x.astype(np.float32), network.y.astype(np.float32), strict=True))
    roads = {frozenset([at[a], at[b]]) for a, b in zip(network.tail, network.head, strict=True)}
    assert lines == {road for road in roads if len(road) == 2}
