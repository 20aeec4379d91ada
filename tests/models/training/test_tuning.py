"""The search of a model's settings."""

from typing import Any

import numpy as np
import pytest
from planted_tastes import planted_log

from models.interactions import Interactions
from models.retrieval.ease import Ease, EaseConfig
from models.retrieval.kinds import KINDS, UnknownModelError, kind_named
from models.retrieval.popularity import Popularity, PopularityConfig
from models.retrieval.retriever import FitReport, Retriever
from models.retrieval.sasrec import Sasrec
from models.retrieval.softmax_dot import SoftmaxDot, SoftmaxDotConfig
from models.training import tuning
from models.training.tuning import SPACES, TuningError, tuned, with_settings

pytest.importorskip("optuna")


def test_a_search_finds_settings_better_than_bad_ones_and_the_same_ones_again() -> None:
    log = planted_log()
    bad = EaseConfig(l2=1e8)
    told: list[tuple[int, float]] = []
    first = tuned(Ease, bad, log, trials=6, on_trial=lambda made, best: told.append((made, best)))
    assert first.ndcg > first.ndcg_as_given + 0.02
    assert isinstance(first.config, EaseConfig)
    assert first.config.l2 < 3000.0
    assert [made for made, _ in told] == [1, 2, 3, 4, 5, 6]
    assert told[-1][1] == first.ndcg
    assert tuned(Ease, bad, log, trials=6).trials == first.trials


@pytest.mark.parametrize("name", SPACES)
def test_all_that_is_searched_is_allowed(name: str) -> None:
    kind = kind_named(name)
    for end in ("low", "high"):
        settings = {key: getattr(one, end) for key, one in SPACES[name].items()}
        settings = {key: int(value) if SPACES[name][key].whole else value
                    for key, value in settings.items()}  # fmt: skip
        config = with_settings(kind.Config(), settings)
        assert config != kind.Config()


def test_every_kind_has_its_own_name_and_others_are_refused() -> None:
    for name in KINDS:
        assert kind_named(name).name == name
    with pytest.raises(UnknownModelError, match="did you mean 'sasrec'"):
        kind_named("sasrek")


def test_what_has_no_settings_cannot_be_searched() -> None:
    with pytest.raises(TuningError, match="popularity: has no settings to search"):
        tuned(Popularity, PopularityConfig(), planted_log(), trials=2)


@pytest.mark.parametrize("kind", [Ease, Sasrec])
def test_no_pair_that_decides_is_trained_on(kind: type[Retriever], monkeypatch: Any) -> None:
    log = planted_log()
    often = Interactions.of(np.tile(log.users, 3), np.tile(log.items, 3))
    trained: list[Interactions] = []
    decided: list[Interactions] = []
    monkeypatch.setattr(kind, "fit", lambda _, log, **how: trained.append(log))
    monkeypatch.setattr(tuning, "_judged", lambda _, log, seed: decided.append(log) or 0.5)
    if kind is Sasrec:  # every newest item is an older one too, but one
        with pytest.raises(TuningError, match="too few"):
            tuned(kind, kind.Config(), often, trials=1)
        often = Interactions.of(np.append(often.users, 0), np.append(often.items, 60))
    tuned(kind, kind.Config(), often, trials=1)
    pairs = [set(zip(one.users, one.items, strict=True)) for one in (trained[0], decided[0])]
    assert pairs[1]
    assert not pairs[0] & pairs[1]


def test_a_search_trains_as_long_as_it_is_told() -> None:
    log, told = planted_log(), []

    class Watched(SoftmaxDot):
        def fit(self, log: Interactions, **how: Any) -> FitReport:
            told.append((how["passes"], how["device"]))
            return super().fit(log, **how)

    tuned(Watched, SoftmaxDotConfig(size=4), log, trials=2, passes=1, device="auto")
    assert told == [(1, "auto")] * 2


def test_a_log_of_a_row_cannot_be_searched_with() -> None:
    with pytest.raises(TuningError, match="1 rows to train on are too few"):
        tuned(Ease, EaseConfig(), Interactions.of([0], [0]), trials=1)
