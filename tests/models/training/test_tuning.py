"""The search of a model's settings."""

import pytest
from planted_tastes import planted_log

from models.retrieval.ease import Ease, EaseConfig
from models.retrieval.kinds import KINDS, UnknownModelError, kind_named
from models.retrieval.popularity import Popularity, PopularityConfig
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
