"""What `weal reviews` tells: agreement with the stars, aspects by size, shops that stand out."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from tiny_bert import tiny_bert
from typer.testing import CliRunner

from experiments.cli import app
from experiments.reviews import ReviewsError, fit_adapter, read_reviews

POOL = [
    "Great. It arrived on time.",
    "Awful. It arrived late.",
    "Great. A bargain.",
    "The delivery is what it is.",
]

SMALL, LARGE = 0, 2


def run_of(rows: list[tuple[int, int, int]]) -> Any:
    """A run of such reviews: (merchant, stars, text); merchant 0 is small, the others large."""
    merchant, stars, text = zip(*rows, strict=True) if rows else ((), (), ())
    reviews = pd.DataFrame({"listing": merchant, "stars": stars, "text": text}, dtype="int64")
    shops = list(range(20))
    return SimpleNamespace(
        folder=Path("run"),
        texts={"reviews": POOL},
        tables={
            "reviews": reviews,
            "orders": pd.DataFrame({"listing": shops, "merchant": shops}),
            "merchants": pd.DataFrame({"merchant": shops, "size": [SMALL] + 19 * [LARGE]}),
        },
    )


def test_agreement_counts_reviews_on_the_stars_side_of_neutral() -> None:
    read = read_reviews(run_of([(0, 5, 0), (0, 1, 1), (1, 4, 1), (1, 5, 2), (1, 3, 3)]))
    assert read.reviews == 5
    (lexicon,) = read.agreement
    assert (lexicon.reviews, lexicon.accuracy) == (4, 0.75)
    assert lexicon.kappa == pytest.approx(0.5)
    assert read.between is None


def test_aspects_are_told_by_the_merchants_size() -> None:
    read = read_reviews(run_of([(0, 1, 1), (0, 5, 0), (0, 5, 2), (1, 5, 0)]))
    told = {(one.aspect, one.size): (one.mentions, one.negative) for one in read.grievances}
    assert told == {
        ("delivery", "small"): (2, 0.5),
        ("delivery", "large"): (1, 0.0),
        ("price", "small"): (1, 0.0),
    }


def test_a_shop_is_named_where_it_is_worse_beyond_chance_and_otherwise_not() -> None:
    ordinary = [(shop, 5, 0) for shop in range(1, 20) for _ in range(8)]
    alike = [*ordinary, *((0, 5, 0) for _ in range(8))]
    assert read_reviews(run_of(alike)).alerts == []
    once = [*ordinary, (0, 1, 1)]
    assert read_reviews(run_of(once)).alerts == []
    (alert,) = read_reviews(run_of([*ordinary, *((0, 1, 1) for _ in range(8))])).alerts
    assert (alert.merchant, alert.size, alert.aspect) == (0, "small", "delivery")
    assert (alert.reviews, alert.negative) == (8, 8)
    assert alert.at_least > alert.market == pytest.approx(8 / 160)


def test_a_shop_of_which_nobody_speaks_ill_is_never_named() -> None:
    # No length of a shop's list of reviews, whatever the rounding of Wilson's bound.
    praised = [(shop, 5, 0) for shop in range(5, 20) for _ in range(shop)]
    assert read_reviews(run_of(praised)).alerts == []


def test_a_text_that_the_run_does_not_hold_is_refused() -> None:
    with pytest.raises(ReviewsError, match=r"has 4 texts, but reviews\.parquet names number 4"):
        read_reviews(run_of([(0, 5, 4)]))


def test_an_adapter_that_cannot_be_saved_is_not_trained(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine", "utf-8")
    with pytest.raises(ReviewsError, match="is no folder"):
        fit_adapter(run_of([(0, 5, 0)]), taken)
    with pytest.raises(OSError, match="is no folder"):
        fit_adapter(run_of([(0, 5, 0)]), taken / "below")
    assert taken.read_text("utf-8") == "mine"


def test_a_run_without_reviews_says_so() -> None:
    read = read_reviews(run_of([]))
    assert (read.reviews, read.grievances, read.alerts) == (0, [], [])


def test_too_few_texts_to_learn_from_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReviewsError, match="at least 10"):
        fit_adapter(run_of([(0, 5, 0), (0, 1, 1)]), tmp_path)


def test_an_adapter_of_the_runs_own_stars_reads_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.language.backbone.minilm", tiny_bert)
    data = run_of([])
    things = ("kettle", "rice", "phone", "drill", "tea", "pan", "oats", "case", "saw", "cup")
    data.texts["reviews"] = [f"the {one} is {word}" for one in things for word in ("fine", "bad")]
    data.tables["reviews"] = pd.DataFrame(
        {"listing": 0, "stars": [5, 1] * len(things), "text": range(2 * len(things))}
    )
    tiny_bert()
    fitted = fit_adapter(data, tmp_path)
    assert (fitted.texts, fitted.held_out) == (16, 4)
    assert fitted.path.is_file()
    read = read_reviews(data, tmp_path)
    assert [one.reader for one in read.agreement] == ["lexicon", "adapter"]
    assert read.between is not None
    with pytest.raises(ReviewsError, match="no such file"):
        read_reviews(data, tmp_path / "elsewhere")
    with pytest.raises(ReviewsError, match="device: 'abacus' is not one of"):
        read_reviews(data, tmp_path, device="abacus")


def test_the_command_refuses_what_is_no_run(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["reviews", str(tmp_path / "nothing"), "--json"])
    assert ended.exit_code == 2


def test_the_command_tells_a_run_in_words_and_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from experiments.commands.reviews import reviews_command

    data = run_of([(shop, 5, 0) for shop in range(1, 20) for _ in range(8)] + 8 * [(0, 1, 1)])
    monkeypatch.setattr("experiments.commands.reviews.read_run", lambda _: data)
    assert reviews_command(Path("run"), None, None, "cpu", [], as_json=False) == 0
    told = capsys.readouterr().out
    assert "160 reviews" in told
    assert "beyond chance" in told
    assert reviews_command(Path("run"), None, None, "cpu", [], as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["alerts"][0]["merchant"] == 0
    assert reviews_command(Path("run"), Path("a"), Path("b"), "cpu", [], as_json=True) == 2
    assert "give one of them" in capsys.readouterr().err
