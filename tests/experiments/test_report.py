"""What a report says: sane after any run, in the units of its numbers, without contradiction."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import run
from experiments.headline import answers, period
from experiments.interventions import interventions, largest, shifts
from experiments.numerals import finely, measured, number, percent
from experiments.run_folder import RunData, read_run
from scenarios.loading import override
from scenarios.schema import Scenario

QUIET = ["events=[]"]
EDGES = {
    "one day": (1, QUIET),
    "no orders": (2, [*QUIET, "commerce.population.visits_per_day=1e-6"]),
    "no couriers": (3, [*QUIET, "couriers.count=0"]),
    "no merchants left": (
        8,
        [
            *QUIET,
            "merchants.fixed_cost_per_listing=500.0",
            "merchants.capital_days=0.5",
            "merchants.grace_days=0",
            "merchants.entry_rate=0.0",
        ],
    ),
}


@pytest.fixture(scope="module", params=EDGES)
def edge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RunData:
    days, overrides = EDGES[request.param]
    folder = tmp_path_factory.mktemp("edge") / "run"
    run("tiny", days=days, overrides=overrides, out=folder)
    return read_run(folder)


def test_any_run_is_told_to_every_side_without_a_nan(edge: RunData) -> None:
    told = answers(edge.indicators, edge.scenario)
    assert [one.who for one in told[:5]] == [
        "Consumers", "Merchants", "Couriers", "Platform", "Treasury",
    ]  # fmt: skip
    for one in told:
        assert not re.search(r"\bnan\b|\binf\b|–|None", one.what), one
    text = re.sub(r"<svg.*?</svg>", "", (edge.folder / "report.html").read_text(), flags=re.DOTALL)
    assert not re.search(r">\s*nan\b|\bNone\b|\binf\b", text)


def test_sides_agree_on_whether_something_was_sold(edge: RunData) -> None:
    told = {one.who: one.what for one in answers(edge.indicators, edge.scenario)}
    nothing = len(edge.tables["orders"]) == 0
    assert ("Nothing was sold" in told["Merchants"]) == nothing
    assert ("Nothing was sold" in told["Platform"]) == nothing


def test_no_two_parts_of_a_page_share_an_id(edge: RunData) -> None:
    text = (edge.folder / "report.html").read_text("utf-8")
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    used = re.findall(r'(?:href="|url\()#([^")]+)', text)
    assert set(used) <= set(ids)


def test_a_report_does_not_print_the_secret_of_the_privacy_policy(tmp_path: Path) -> None:
    secret = 'policies.privacy={name="pseudonymise",secret="xyzzy"}'
    run("tiny", days=1, overrides=[*QUIET, secret], out=tmp_path / "run")
    assert "xyzzy" not in (tmp_path / "run" / "report.html").read_text("utf-8")


def test_maps_name_whom_the_scenario_owes(tmp_path: Path) -> None:
    owed = 'roads.attribution="© The Surveyors of Elsewhere"'
    run("tiny", days=1, overrides=[*QUIET, owed], out=tmp_path / "run")
    assert "© The Surveyors of Elsewhere" in (tmp_path / "run" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.0312, "share of sales", "3.1%"),
        (0.5, "share", "50%"),
        (0.999, "share", "99.9%"),
        (0.0001, "share", "<0.1%"),
        (-35.85, "share of revenue", "-3,585%"),
        (0.666, "0 to 1", "0.67"),
        (12.345, "currency an hour", "12.35"),
        (-0.001, "currency a day", "0.00"),
        (2_220_000.0, "currency a day", "2.22 million"),
        (55_577_410_000.0, "currency a day", "55.58 billion"),
        (388.0, "merchants", "388"),
        (1.0248, "day 0 = 1", "1.02"),
        (float("nan"), "minutes", "–"),
    ],
)
def test_numbers_take_the_form_of_their_unit(value: float, unit: str, told: str) -> None:
    assert measured(value, unit) == told


def test_small_differences_keep_their_digits() -> None:
    assert finely(-0.00449, "share of orders") == "-0.45%"
    assert finely(0.0012, "0 to 1") == "0.001"
    assert finely(-0.00001, "0 to 1") == "0.000"
    assert finely(-0.435, "currency a day") == "-0.435"
    assert number(0.0) == "0"
    assert percent(0.0) == "0%"


def test_what_is_compared_is_named_after_the_length_of_the_run() -> None:
    assert "one day" in period(1)
    assert "first day of the run with the last day" in period(3)
    assert "first 5 days" in period(11)
    assert "first week" in period(14)


def scenario_with(*events: str) -> Scenario:
    return override(Scenario(days=30), [f"events=[{','.join(events)}]"])


SURGE = "{kind='demand_surge',day=5,until=9,factor=2.0}"
SUPPLY = "{kind='supply_shock',day=5,until=9,factor=1.1,label='dearer'}"
CHANGE = "{kind='change',day=20,key='platform.commission',value=0.1}"


def test_events_on_the_same_days_are_one_intervention() -> None:
    first, second = interventions(scenario_with(CHANGE, SURGE, SUPPLY), 30)
    assert (first.mark, first.label, first.days) == ("A", "demand surge, dearer", "days 5–8")
    assert (second.mark, second.label) == ("B", "platform.commission = 0.1")
    assert second.days == "days 20–29"


def test_an_event_after_an_interruption_is_not_told() -> None:
    assert len(interventions(scenario_with(SURGE, CHANGE), 10)) == 1


def test_the_largest_changes_come_first_and_small_ones_are_not_told() -> None:
    what = interventions(scenario_with(SURGE), 30)[0]
    days = np.arange(30)
    inside = (days >= 5) & (days < 9)
    frame = pd.DataFrame(
        {
            "orders": np.where(inside, 200.0, 100.0),
            "trust": np.where(inside, 0.71, 0.70),
            "hhi": np.where(inside, 600.0, 500.0),
        }
    )
    found = largest(shifts(frame, what, list(frame.columns)))
    assert [(one.name, one.before, one.during) for one in found] == [
        ("orders", 100.0, 200.0),
        ("hhi", 500.0, 600.0),
    ]
