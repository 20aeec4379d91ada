"""Variants of a scenario, spans of days, and which setting may be the best."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from in_process import one_thread
from typer.testing import CliRunner

from experiments import comparison
from experiments.best_settings import best_settings
from experiments.cli import app
from experiments.comparison import Comparison, ComparisonError, compare_in_full
from experiments.reporting.comparison_page import render
from experiments.running import resolve
from experiments.varying import (
    WHOLE_RUN,
    Span,
    VariationError,
    numbers,
    parse_span,
    parse_vary,
    variants,
)

CAP = "policies.price_regulation.max_share_of_price"
QUICK = (
    "roads.rows=4",
    "roads.columns=4",
    "consumers.count=80",
    "commerce.generated.listings=40",
    "commerce.generated.merchants=8",
    "couriers.count=0",
)


def test_values_are_parted_by_commas_outside_of_brackets_and_strings() -> None:
    assert parse_vary("a.b=0,0.1, 1") == ("a.b", ("0", "0.1", "1"))
    assert parse_vary("x=[1, 2],[3]") == ("x", ("[1, 2]", "[3]"))
    assert parse_vary('x={name = "a", b = 1},"c, d"') == ("x", ('{name = "a", b = 1}', '"c, d"'))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("days", "write KEY=VALUE,VALUE"),
        ("=1,2", "write KEY=VALUE,VALUE"),
        ("days=30", "two values at least"),
        ("days=30,", "two values at least"),
        ("days=30,40,30", "30 stands twice"),
    ],
)
def test_a_variation_that_is_none_is_told(text: str, told: str) -> None:
    with pytest.raises(VariationError, match=told):
        parse_vary(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("war", "write NAME=FIRST:END"),
        ("war=20", "write NAME=FIRST:END"),
        ("war=a:b", "whole days"),
        ("=1:2", "write NAME=FIRST:END"),
        ("war=20:20", "must end after its first day, 20"),
        ("whole run=1:2", "is taken"),
    ],
)
def test_a_span_that_is_none_is_told(text: str, told: str) -> None:
    with pytest.raises(VariationError, match=told):
        parse_span(text)


def test_spans_say_their_days() -> None:
    assert parse_span("war=20:70") == Span("war", 20, 70)
    assert parse_span("after=70:").days == "from day 70"
    assert Span("war", 20, 70).days == "days 20–69"


def test_every_combination_is_a_variant_and_the_first_values_are_the_base() -> None:
    found = variants({"a.x": ("1", "2"), "b.x": ("3", "4")})
    assert [one.label for one in found][:2] == ["a.x = 1, b.x = 3", "a.x = 1, b.x = 4"]
    assert found[3].overrides == ("a.x=2", "b.x=4")
    assert variants({})[0].overrides == ()


def test_numbers_are_read_as_toml_has_them() -> None:
    assert numbers(("0", "1e-1", "-2")) == [0.0, 0.1, -2.0]
    assert numbers(("1", "true")) is None
    assert numbers(("1", "a b")) is None


@pytest.fixture(scope="module")
def caps() -> Comparison:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "ProcessPoolExecutor", one_thread)
        return compare_in_full(
            ["tiny"],
            vary={CAP: ("0", "0.05", "1")},
            spans=(Span("early", 0, 3), Span("late", 3)),
            replications=3,
            days=6,
            overrides=QUICK,
        )


def test_each_setting_is_run_and_averaged_over_each_span(caps: Comparison) -> None:
    assert caps.labels == ("max_share_of_price = 0", "max_share_of_price = 0.05",
                           "max_share_of_price = 1")  # fmt: skip
    shares = [one.policies.price_regulation.max_share_of_price for one in caps.scenarios]
    assert shares == [0.0, 0.05, 1.0]
    assert list(caps.table["span"].unique()) == [WHOLE_RUN, "early", "late"]
    whole, early, late = (
        caps.means.xs(span, level="span")["orders"] for span in (WHOLE_RUN, "early", "late")
    )
    np.testing.assert_allclose(whole, (early + late) / 2.0)
    rows = caps.table.set_index(["scenario", "span", "indicator"])
    assert rows.loc[(caps.labels[0], "late", "subsidy_share"), "mean"] == 0.0
    assert rows.loc[(caps.labels[2], "late", "subsidy_share"), "mean"] > 0.08
    assert set(rows.xs(caps.labels[0])["difference"].dropna()) == {0.0}


def test_a_span_beyond_the_run_and_a_lone_scenario_are_refused() -> None:
    with pytest.raises(ComparisonError, match="begins on day 14, but the shortest run ends after"):
        compare_in_full(["tiny", "tiny"], spans=(Span("late", 14),))
    with pytest.raises(ComparisonError, match="two scenarios at least"):
        compare_in_full(["tiny"])


def constructed(**runs: list[float]) -> Comparison:
    """A comparison of trust under the settings given, a value a replication."""
    keys = [(label, WHOLE_RUN, r) for label, values in runs.items() for r in range(len(values))]
    means = pd.DataFrame(
        {"trust": [value for values in runs.values() for value in values]},
        index=pd.MultiIndex.from_tuples(keys, names=["scenario", "span", "replication"]),
    ).sort_index()
    scenario, _ = resolve("tiny")
    return Comparison(
        scenarios=(scenario,) * len(runs),
        labels=tuple(runs),
        spans=(Span(WHOLE_RUN),),
        replications=len(keys) // len(runs),
        table=pd.DataFrame(),
        means=means,
        daily=pd.DataFrame(),
    )


def test_a_setting_that_chance_alone_may_have_put_second_is_a_peer_of_the_best() -> None:
    found = best_settings(
        constructed(
            low=[0.10, 0.12, 0.11, 0.13],
            near=[0.50, 0.61, 0.52, 0.60],
            best=[0.55, 0.55, 0.58, 0.60],
        ),
        "trust",
        WHOLE_RUN,
    )
    assert found is not None
    assert (found.best, found.peers, found.worst) == ("best", ("near",), "low")
    assert not found.all_equal


def test_paired_differences_tell_what_levels_hide() -> None:
    luck = np.array([0.1, 0.5, 0.9, 0.3])
    found = best_settings(
        constructed(base=list(luck), better=list(luck + np.array([0.010, 0.011, 0.010, 0.012]))),
        "trust",
        WHOLE_RUN,
    )
    assert found is not None
    assert (found.best, found.peers) == ("better", ())


def test_a_lever_that_nobody_feels_has_no_best_setting() -> None:
    found = best_settings(constructed(a=[0.5, 0.6], b=[0.5, 0.6]), "trust", WHOLE_RUN)
    assert found is not None
    assert found.all_equal


def test_a_false_best_is_named_no_more_often_than_the_confidence_allows() -> None:
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(400):
        luck = rng.normal(size=8)
        runs = {f"s{k}": list(luck + 0.3 * rng.normal(size=8)) for k in range(5)}
        found = best_settings(constructed(**runs), "trust", WHOLE_RUN)
        assert found is not None
        wrong += len(found.peers) == 0  # told from all others, though all are the same
    assert wrong / 400 < 0.05


def test_the_page_answers_for_every_span_and_is_the_same_every_time(caps: Comparison) -> None:
    page = render(caps, {CAP: ("0", "0.05", "1")})
    assert page == render(caps, {CAP: ("0", "0.05", "1")})
    for text in (
        "largest subsidy an order, delivery included, share of its price",
        "Early (days 0–2)",
        "Late (from day 3)",
        "default-src 'none'",
        "told from",
    ):
        assert text in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert page.count("<svg") == page.count('role="img"')


def test_the_command_writes_table_and_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "ProcessPoolExecutor", one_thread)
    page, table = tmp_path / "new" / "caps.html", tmp_path / "caps.csv"
    sets = [part for one in QUICK for part in ("--set", one)]
    done = CliRunner().invoke(
        app,
        ["compare", "tiny", "--days", "3", "--replications", "2", "--vary", f"{CAP}=0,1", *sets,
         "--span", "end=2:", "--page", str(page), "--out", str(table)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert f"Page: {page}" in done.output
    assert set(pd.read_csv(table)["span"]) == {WHOLE_RUN, "end"}
    refused = CliRunner().invoke(app, ["compare", "tiny", "--vary", "nonsense=1,2"])
    assert refused.exit_code == 2
    assert "nonsense" in refused.output
