"""What is wrong with a study is told at once, each with its line, value and nearest key."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.commands.check import check_command
from experiments.studies.loading import LoadedStudy
from policies import registry
from scenarios.errors import Problem, ScenarioError

Load = Callable[..., LoadedStudy]

CAP = "policies.price_regulation.max_share_of_price"


def lever(key: str, values: str) -> str:
    return f'[[levers]]\nkey = "{key}"\n{values}\n'


def problems(load: Load, text: str, **options: object) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        load(text, **options)
    return caught.value.problems


def only(load: Load, text: str, **options: object) -> Problem:
    (problem,) = problems(load, text, **options)
    return problem


def test_everything_is_told_at_once_in_the_order_of_the_file(load: Load) -> None:
    text = """scenario = "subsidy_war"
days = 60
decide_by = "surplu"

[[levers]]
key = "policies.price_regulation.max_share_of_prise"
levels = [0.0, 0.1, 0.2]

[[levers]]
key = "platform.commission"
levels = [0.1, 1.5]

[[uncertainties]]
key = "consumers.multi_homing"
low = 0.5
high = 2.0
steps = 2

[[alternatives]]
label = "other"
changes = { "policies.recommendation" = { name = "lerned" } }

[[outcomes]]
name = "early"
indicator = "profit"
end_day = 90

[replications]
cout = 3
"""
    told = problems(load, text)
    assert [(one.line, one.key) for one in told] == [
        (3, "decide_by"),
        (6, "levers.0.key"),
        (11, "levers.1.levels.1"),
        (16, "uncertainties.0.high"),
        (21, 'alternatives.0.changes."policies.recommendation"'),
        (26, "outcomes.0.end_day"),
        (29, "replications.cout"),
    ]
    assert told[0].message.endswith("did you mean surplus?")
    assert told[1].suggestion == CAP
    assert (told[2].value, told[2].allowed) == (1.5, "a number from 0 to 0.9")
    assert '"learned"' in told[4].message


def test_an_unknown_field_is_told_once_however_many_its_values(load: Load) -> None:
    told = only(load, lever("platform.comission", "levels = [0.1, 0.2, 0.3, 0.4]"))
    assert told.key == "levers.0.key"
    assert told.value == "platform.comission"
    assert told.suggestion == "platform.commission"
    assert 'levers.0.key = "platform.comission"' in str(told)


@pytest.mark.parametrize(
    "key", ["events.7.day", "days.x", "policies.rules.false_discont.tolerance"]
)
def test_no_such_entry_is_told_once(load: Load, key: str) -> None:
    assert only(load, lever(key, "levels = [1, 2, 3]")).key == "levers.0.key"


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ("levels = [0.1, 1.5]", "levers.0.levels.1", "at most 0.9"),
        ('levels = [0.1, "much"]', "levers.0.levels.1", "not text"),
        ("low = -0.1\nhigh = 0.3\nsteps = 3", "levers.0.low", "at least 0"),
        ("low = 0.1\nhigh = 1.3\nsteps = 3", "levers.0.high", "at most 0.9"),
        ("levels = [0.1, 0.2]\nbase = 0.3", "levers.0.base", "one of the values: 0.1, 0.2"),
        ("low = 0.1\nhigh = 0.3\nsteps = 3\nbase = 0.15", "levers.0.base", "0.1, 0.2, 0.3"),
        ("low = 0.1\nhigh = 0.3", "levers.0", "needs steps"),
        ('low = 0.0\nhigh = 0.3\nsteps = 3\nscale = "log"', "levers.0.low", "above 0"),
        ("levels = [0.1, 0.1]", "levers.0.levels.1", "stands twice"),
        ("low = 0.3\nhigh = 0.1\nsteps = 3", "levers.0.low", "below high"),
        ("low = 0.3", "levers.0", "both low and high"),
        ("low = 0.3\nhigh = inf\nsteps = 3", "levers.0.high", "finite"),
        ("levels = [0.3, nan]", "levers.0.levels.1", "finite"),
    ],
)
def test_a_wrong_value_of_a_lever_is_told_at_its_place(
    load: Load, values: str, key: str, words: str
) -> None:
    told = only(load, lever("platform.commission", values))
    assert told.key == key
    assert words in told.message
    assert told.line is not None


def test_whole_numbers_are_asked_for_where_the_field_has_them(load: Load) -> None:
    told = only(load, lever("consumers.count", "low = 100.5\nhigh = 200\nsteps = 3"))
    assert (told.key, told.value) == ("levers.0.low", 100.5)
    told = only(load, lever("consumers.count", "low = 100\nhigh = 103\nsteps = 9"))
    assert told.key == "levers.0.steps"
    assert "only 4 whole numbers" in told.message


PRICE = "commerce.generated.quality_price_correlation"
APPEAL = "commerce.generated.quality_appeal_correlation"
"""Their squares may not sum to more than 1."""


def test_values_that_are_wrong_together_are_told_with_their_combination(load: Load) -> None:
    both = lever(PRICE, "levels = [0.1, 0.8]") + lever(APPEAL, "levels = [0.1, 0.7]")
    told = only(load, both)
    assert "= 0.8, quality_appeal_correlation = 0.7: not possible together" in told.message
    assert len(load(both, try_points=False).layout.points) == 4


def test_a_value_that_is_wrong_with_all_others_is_told_at_its_level(load: Load) -> None:
    both = lever(PRICE, "levels = [0.1, 0.99]") + lever(APPEAL, "levels = [0.2, 0.3]")
    told = only(load, both)
    assert (told.key, told.value) == ("levers.0.levels.1", 0.99)


def test_values_that_need_each_other_are_allowed_where_they_have_each_other(load: Load) -> None:
    many = lever("commerce.generated.merchants", "levels = [200]")
    assert only(load, many).key == "levers.0.levels.0"  # tiny has 120 listings
    assert load(many + lever("commerce.generated.listings", "levels = [300]"))


@pytest.mark.parametrize("key", ["seed", "title"])
def test_what_replications_need_is_no_factor(load: Load, key: str) -> None:
    assert "cannot be varied" in only(load, lever(key, "levels = [1, 2]")).message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (f'{{ "{CAP}" = 0.3 }}', "is a lever"),
        (f'{{ "policies.price_regulation" = {{ name = "cap", {CAP[26:]} = 0.3 }} }}', "is a lever"),
        ('{ "consumers.multi_homing" = 0.7 }', "is an uncertainty"),
        ("{ seed = 5 }", "cannot differ"),
        ('{ "policies.recomendation.name" = "random" }', "did you mean policies.recommendation"),
    ],
)
def test_an_alternative_changes_neither_factors_nor_luck(
    load: Load, changes: str, words: str
) -> None:
    text = lever(CAP, "levels = [0.0, 0.1]")
    text += '[[uncertainties]]\nkey = "consumers.multi_homing"\nlevels = [0.5]\n'
    text += f'[[alternatives]]\nlabel = "other"\nchanges = {changes}\n'
    told = only(load, text)
    assert words in told.message
    assert told.key.startswith("alternatives.0.changes.")


def test_an_alternative_may_change_the_table_of_a_lever_around_it(load: Load) -> None:
    text = lever(CAP, "levels = [0.0, 0.1]") + '[[alternatives]]\nlabel = "later"\n'
    text += 'changes = { "policies.price_regulation" = { name = "cap", from_day = 5 } }\n'
    loaded = load(text)
    regulations = [loaded.scenario(one).policies.price_regulation for one in loaded.layout.points]
    assert [(one.from_day, one.max_share_of_price) for one in regulations] == [  # type: ignore[union-attr]
        (0, 0.0),
        (0, 0.1),
        (5, 0.0),
        (5, 0.1),
    ]


@pytest.mark.parametrize("written", ['"consumers.count" = 123', "consumers.count = 123"])
def test_tables_in_tables_mean_dotted_names_and_leave_the_rest_alone(
    load: Load, written: str
) -> None:
    loaded = load(f"changes = {{ {written} }}\n" + lever(CAP, "levels = [0.0, 0.1]"))
    assert loaded.base.consumers.count == 123
    assert loaded.base.consumers.response.community == 100


def test_windows_lie_within_the_shortest_run(load: Load) -> None:
    text = lever("days", "levels = [10, 20]")
    outcome = '[[outcomes]]\nname = "late"\nindicator = "profit"\nend_day = 15\n'
    told = only(load, text, outcome=outcome)
    assert (told.key, told.value) == ("outcomes.0.end_day", 15)
    assert "shortest run, 10 days" in told.message


@pytest.mark.parametrize(
    ("outcome", "head", "key"),
    [
        ("first_day = 14", "", "outcomes.0.first_day"),
        ("first_day = 5\nend_day = 5", "", "outcomes.0.end_day"),
        ('statistic = "quantile"', "", "outcomes.0.quantile"),
        ("at_least = nan", "", "outcomes.0.at_least"),
        ("at_least = 2.0\nat_most = 1.0", "", "outcomes.0.at_least"),
        ('better = "none"', "", "outcomes.0"),
        ('better = "none"', 'decide_by = "surplus"\n', "decide_by"),
        ("", 'decide_by = "surpluss"\n', "decide_by"),
        ("", 'pareto = ["profit"]\n', "pareto.0"),
    ],
)
def test_an_outcome_can_be_measured_and_can_decide(
    load: Load, outcome: str, head: str, key: str
) -> None:
    asked = f'[[outcomes]]\nname = "surplus"\nindicator = "consumer_surplus"\n{outcome}\n'
    assert only(load, head + lever(CAP, "levels = [0.0, 0.1]"), outcome=asked).key == key


def test_an_unknown_indicator_is_told_with_the_nearest(load: Load) -> None:
    asked = '[[outcomes]]\nname = "surplus"\nindicator = "consumer_surpluss"\n'
    told = only(load, lever(CAP, "levels = [0.0, 0.1]"), outcome=asked)
    assert told.key == "outcomes.0.indicator"
    assert "consumer_surplus'?" in told.message


@pytest.mark.parametrize(
    ("design", "key"),
    [
        ('method = "sobol"\nsamples = 12', "design.samples"),
        ('method = "sobbol"', "design.method"),
        ('worlds = "crossed"\nmethod = "grid"', "design.worlds"),
        ('method = "morris"\ngrid_levels = 3', "design.grid_levels"),
    ],
)
def test_a_design_is_one_that_can_be_drawn(load: Load, design: str, key: str) -> None:
    text = lever(CAP, "low = 0.0\nhigh = 0.1\nsteps = 2") + f"[design]\n{design}\n"
    assert only(load, text).key == key


def test_too_many_points_are_counted_and_not_laid_out(load: Load) -> None:
    text = "".join(
        lever(key, "low = 0.1\nhigh = 0.4\nsteps = 100")
        for key in ("platform.commission", "consumers.multi_homing", CAP)
    )
    assert "has 1000000 points" in only(load, text).message


def test_the_errors_of_the_scenario_are_told_with_its_own_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "market.toml").write_text("days = -3\n")
    text = 'scenario = "market.toml"\n' + lever(CAP, "levels = [0.0, 0.1]")
    told = problems(load, text + "[replications]\ncount = 0\n")
    assert [(Path(one.file).name, one.key) for one in told] == [
        ("mine.toml", "replications.count"),
        ("market.toml", "days"),
    ]


def test_a_scenario_is_looked_for_beside_the_study(load: Load, tmp_path: Path) -> None:
    told = only(load, 'scenario = "absent.toml"\n' + lever(CAP, "levels = [0.0, 0.1]"))
    assert (told.key, told.line) == ("scenario", 1)
    told = only(load, 'scenario = "tinny"\n' + lever(CAP, "levels = [0.0, 0.1]"))
    assert "did you mean tiny?" in told.message


def test_what_an_override_sets_wrong_is_told_of_the_override(load: Load) -> None:
    told = only(load, lever(CAP, "levels = [0.0, 0.1]"), overrides=["levers.0.levels=[0.0, 3.0]"])
    assert (told.line, told.value) == (None, 3.0)
    assert str(told).startswith("--set levers.0.levels=[0.0, 3.0]")


def test_what_has_no_effect_is_noted(load: Load) -> None:
    text = lever("policies.merchant_pricing.predation.depth", "levels = [0.1, 0.2]")
    text += '[[alternatives]]\nlabel = "same"\nchanges = { "consumers.count" = 400 }\n'
    text += "[replications]\nbatch = 5\n"
    notes = load(text).notes()
    assert [note.partition(":")[0] for note in notes] == [
        "policies.merchant_pricing.predation.depth",
        "alternatives.0.changes",
        "replications.batch",
    ]
    assert load(lever(CAP, "levels = [0.0, 0.1]")).notes() == ()


def test_a_name_that_is_nothing_is_told_with_scenarios_and_studies(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check_command("subsidy_cup", [], [], as_json=True) == 2
    (told,) = json.loads(capsys.readouterr().out)
    assert told["suggestion"] == "subsidy_cap"
    assert "baseline" in told["message"]
    assert "smoke" in told["message"]


def test_the_command_tells_studies_from_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_command("smoke", [], [], as_json=False) == 0
    assert "3 settings in 4 worlds, 12 points" in capsys.readouterr().out
    assert check_command("tiny", [], [], as_json=False) == 0
    assert capsys.readouterr().out.endswith("tiny.toml: fine\n")


def test_a_plug_ins_policy_can_be_an_alternative(load: Load, tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from policies.params import PolicyParams\n"
        "from policies.recommendation.random import RandomRecommendation\n\n\n"
        "class Mine(RandomRecommendation):\n"
        '    """Random, under another name."""\n\n'
        '    name = "mine_of_studies"\n'
    )
    text = lever(CAP, "levels = [0.0, 0.1]") + '[[alternatives]]\nlabel = "mine"\n'
    text += 'changes = { "policies.recommendation" = { name = "mine_of_studies" } }\n'
    assert "mine_of_studies" not in only(load, text).message
    try:
        assert load(text, plugins=[plugin]).plugins == (plugin,)
    finally:
        registry.unload_plugins()


OUTCOME = """
[[outcomes]]
name = "{name}"
indicator = "profit"
"""


@pytest.mark.parametrize("name", ["point", "setting", "world", "replication", "seed", "run"])
def test_an_outcome_cannot_take_the_place_of_a_column_of_runs(load: Load, name: str) -> None:
    told = only(load, lever(CAP, "levels = [0.0, 0.1]") + OUTCOME.format(name=name))
    assert told.key == "outcomes.0.name"
    assert "is a column of the table of runs already" in told.message


def test_an_outcome_cannot_have_the_name_of_a_factor(load: Load) -> None:
    told = only(load, lever("days", "levels = [2, 3]") + OUTCOME.format(name="days"))
    assert told.key == "outcomes.0.name"


def test_a_field_that_is_changed_twice_is_told(load: Load) -> None:
    twice = 'changes = { "consumers.count" = 50, consumers = { count = 60 } }\n'
    told = only(load, twice + lever(CAP, "levels = [0.0, 0.1]") + OUTCOME.format(name="gain"))
    assert (told.key, told.value) == ("changes.consumers.count", 60)
    assert told.message == "stands twice"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('statistic = "quantile"\n', 'quantile: missing; statistic = "quantile" needs it'),
        ("quantile = 0.5\n", 'quantile = 0.5: goes with statistic = "quantile" only'),
    ],
)
def test_a_quantile_goes_with_its_statistic(load: Load, more: str, told: str) -> None:
    text = lever(CAP, "levels = [0.0, 0.1]") + OUTCOME.format(name="gain") + more
    assert told.partition(": ")[2] in str(only(load, text))
