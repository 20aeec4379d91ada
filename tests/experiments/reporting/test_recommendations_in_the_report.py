"""What the report tells of trainings and of why something was recommended."""

import re
from pathlib import Path

import pandas as pd
import pytest
from quiet_markets import SELDOM, lived

from experiments.reporting.recommendations import HELD_OUT, explained, trainings
from experiments.run_folder import RunData, read_run
from experiments.running import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("runs") / "learned"
    policy = '{name = "learned", retrain_days = 3, holdout_days = 1, model = "ease"}'
    run("tiny", days=10, overrides=(SELDOM, f"policies.recommendation={policy}"), out=place)
    return place


@pytest.fixture(scope="module")
def data(folder: Path) -> RunData:
    return read_run(folder)


def test_each_training_stands_beside_the_truth_of_the_day_after(data: RunData) -> None:
    rows = trainings(data)
    assert [row.day for row in rows] == [2, 5, 8]
    names = data.texts["learning"]
    told = data.tables["learning"]
    ndcg = told[told["metric"].map(lambda at: names[at]) == "recommendation.ndcg"]
    for row, value in zip(rows, ndcg["value"], strict=True):
        assert row.held_out[HELD_OUT.index("ndcg")] == f"{value:.3f}"
    # Indicators of hidden truth are measured weekly; trainings are judged on the day after each.
    assert data.indicators["ndcg"].nunique() == 2
    assert len({row.true_ndcg for row in rows[:2]}) == len({row.regret for row in rows[:2]}) == 2


def test_the_truth_is_what_the_indicators_say_where_these_are_measured_daily() -> None:
    learner = '{name = "learned", retrain_days = 3, holdout_days = 1}'
    daily = ("health.sample_every_days=1", f"policies.recommendation={learner}")
    market = lived(
        5, *daily, SELDOM, "consumers.count=150", "policies.search={name='learned', retrain_days=2}"
    )
    table, names = market.learning, market.learning_metrics
    told = {
        (day, names[metric]): value
        for day, metric, value in zip(table["day"], table["metric"], table["value"], strict=True)
        if names[metric].startswith("truth.")
    }
    indicators = market.health.frame()
    assert set(told) == {
        (3, "truth.ndcg"),
        (3, "truth.slate_regret"),
        (2, "truth.search_ndcg"),
        (4, "truth.search_ndcg"),
    }
    for (day, name), value in told.items():
        assert value == indicators.loc[day, name.removeprefix("truth.")]


def test_a_training_on_the_last_day_has_no_truth_yet(data: RunData) -> None:
    table = data.tables["learning"]
    until = RunData(
        folder=data.folder,
        scenario=data.scenario,
        manifest=data.manifest,
        indicators=data.indicators.iloc[:9],
        tables={**data.tables, "learning": table[table["day"] <= 8]},
        texts=data.texts,
    )
    last = trainings(until)[-1]
    assert last.day == 8
    assert last.true_ndcg == last.regret == "–"


def test_reasons_add_up_to_the_score_as_it_is_told(data: RunData) -> None:
    consumers = explained(data)
    assert consumers
    table = data.tables["explanations"]
    for consumer in consumers:
        for listing in consumer.listings:
            own = table[(table.consumer == consumer.consumer) & (table.place == listing.place - 1)]
            told = sum(float(reason.value) for reason in listing.reasons)
            slack = 0.005 * (len(listing.reasons) + 1)
            assert told == pytest.approx(float(own.score.iloc[0]), abs=slack)


def test_the_page_shows_them_with_the_titles_of_purchases(folder: Path, data: RunData) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", " ", page)
    assert "What the recommender learned" in text
    table = data.tables["explanations"]
    for title in data.texts["explained"][:1]:
        assert title in text
    assert f"Consumer {table['consumer'].iloc[0]}" in text


def test_without_learning_the_page_says_nothing_of_it(data: RunData) -> None:
    nothing = RunData(
        folder=data.folder,
        scenario=data.scenario,
        manifest=data.manifest,
        indicators=data.indicators,
        tables={
            **data.tables,
            "learning": data.tables["learning"].iloc[:0],
            "explanations": data.tables["explanations"].iloc[:0],
        },
        texts={**data.texts, "explained": []},
    )
    assert isinstance(nothing.tables["learning"], pd.DataFrame)
    assert trainings(nothing) == explained(nothing) == ()
