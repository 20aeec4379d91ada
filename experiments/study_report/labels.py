"""What the report calls levers, settings, windows of days and amounts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.numerals import NOTHING, alike, is_share, measured, unit_in_words
from experiments.statistics.intervals import Interval
from experiments.studies.dotted_changes import value_of
from experiments.studies.loading import LoadedStudy
from experiments.studies.points import short_labels
from experiments.studies.schema import HEALTH_INDEX, Factor, LevelValue, Lever, Outcome
from experiments.study_report import answer
from scenarios.fields import fields
from scenarios.schema import Scenario
from sim.health import find


def level_text(factor: Factor, value: LevelValue) -> str:
    """A level of a factor: `30%`, `5 days`, `yes`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if is_share(factor.unit) or factor.unit.startswith("%"):
        share = 100.0 * value if is_share(factor.unit) else value
        return f"{share:.6g}%"
    return f"{value:.6g}" + (f" {factor.unit}" if factor.unit else "")


def is_numeric(value: object) -> bool:
    """Whether a level is a number, which `true` is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def factor_labels(factors: Sequence[Factor]) -> list[str]:
    """Names of factors for people: labels, or what stands at the ends of their keys."""
    return [name.replace("_", " ") for name in short_labels(factors)]


def within(label: str) -> str:
    """A label as it stands within a sentence: "Cap" becomes "cap", "EU fee" stays."""
    if len(label) > 1 and (label[1].isupper() or not label[0].isupper()):
        return label
    return label[:1].lower() + label[1:]


def setting_labels(loaded: LoadedStudy) -> list[str]:
    """Names of settings: the level where there is one lever, otherwise `cap 30%, fee 15%`."""
    levers = loaded.study.levers
    names = [within(name) for name in factor_labels(levers)]
    told = []
    for one in loaded.layout.settings:
        levels = [level_text(lever, one.values[lever.key]) for lever in levers]
        if len(levers) == 1:
            told.append(levels[0])
        else:
            pairs = [f"{name} {level}" for name, level in zip(names, levels, strict=True)]
            told.append(", ".join(pairs) or one.label)
    return told


def world_label(loaded: LoadedStudy, number: int) -> str:
    """The name of a world: `war chest 30000`, or what the study calls an alternative."""
    world = loaded.layout.worlds[number]
    if not world.values:
        return world.label
    factors = {one.key: one for one in loaded.study.uncertainties}
    names = dict(zip(factors, factor_labels(loaded.study.uncertainties), strict=True))
    return ", ".join(
        f"{names[key]}: {level_text(factors[key], v)}" for key, v in world.values.items()
    )


def lever_view(loaded: LoadedStudy, factor: Factor, label: str) -> answer.Lever:
    """A lever or uncertainty with the levels that were tested."""
    layout = loaded.layout
    places = layout.settings if isinstance(factor, Lever) else layout.worlds
    levels = list(
        dict.fromkeys(one.values[factor.key] for one in places if factor.key in one.values)
    )
    if len(layout.points) == len(layout.settings) == len(layout.worlds) and layout.unit is not None:
        levels = [factor.low, factor.high] if factor.levels is None else [*factor.levels]  # type: ignore[list-item]
    own = value_of(loaded.base, factor.key)
    given = getattr(factor, "base", None)
    base = own if given is None else given
    if isinstance(factor, Lever) and layout.unit is None and layout.settings:
        base = layout.settings[loaded.base_setting].values[factor.key]
    return answer.Lever(
        factor.key,
        label,
        factor.unit,
        meaning(factor.key),
        tuple(levels),
        tuple(level_text(factor, one) for one in levels),
        NOTHING if base is None else level_text(factor, base),
    )


def meaning(key: str) -> str:
    """What a field of the scenario is, in the schema's words; empty if it has several meanings."""
    return meanings().get(key, "")


def meanings() -> dict[str, str]:
    """The meanings of all fields that have a single one, by their dotted names."""
    told: dict[str, set[str]] = {}
    for one in fields(Scenario):
        told.setdefault(one.key, set()).add(one.description)
    return {key: found.pop() for key, found in told.items() if len(found) == 1}


def outcome_label(outcome: Outcome) -> str:
    """What the report calls an outcome."""
    name = outcome.label or outcome.name.replace("_", " ")
    return name[:1].upper() + name[1:]


def outcome_meaning(outcome: Outcome) -> str:
    """What an outcome measures, in a sentence."""
    if outcome.indicator == HEALTH_INDEX:
        return "The composite index of the market's health, of the means of the window."
    return find(outcome.indicator).sentence


STATISTICS = {
    "mean": "mean of",
    "sum": "sum over",
    "last": "last of",
    "min": "lowest of",
    "max": "highest of",
    "median": "median of",
    "sd": "standard deviation over",
    "quantile": "quantile of",
}


def window(outcome: Outcome, days: int) -> str:
    """The days that an outcome looks at, and what is made of them: "mean of days 0 to 29"."""
    end = days if outcome.end_day is None else min(outcome.end_day, days)
    span = f"days {outcome.first_day} to {end - 1}"
    if end - outcome.first_day == 1:
        span = f"day {outcome.first_day}"
    what = STATISTICS[outcome.statistic]
    if outcome.statistic == "quantile":
        what = f"{outcome.quantile:g} quantile of"
    return f"{what} {span}"


def unit_beside(unit: str) -> str:
    """The unit of values that say "%" themselves."""
    return unit_in_words(unit).removeprefix("%").strip()


def mean_amount(found: Interval, unit: str) -> answer.Amount:
    """A mean with its interval, in words."""
    told = alike(_three(found), unit, found.high - found.low)
    if found.is_exact:
        told = [measured(end, unit) for end in _three(found)]
    return _amount(found, [text.replace("-", "−") for text in told])


def difference_amount(found: Interval, unit: str) -> answer.Amount:
    """A difference with its interval, in words with their signs."""
    told = alike(_three(found), unit, found.high - found.low)
    return _amount(found, [_signed(*pair) for pair in zip(_three(found), told, strict=True)])


def plain_amount(found: Interval) -> answer.Amount:
    """A number without a unit, such as a sensitivity index, with its interval."""
    told = [NOTHING if one != one else f"{round(one, 2) + 0.0:.2f}" for one in _three(found)]
    return _amount(found, [text.replace("-", "−") for text in told])


def _three(found: Interval) -> tuple[float, float, float]:
    return found.mean, found.low, found.high


def _amount(found: Interval, texts: Sequence[str]) -> answer.Amount:
    told, low, high = texts
    if math.isnan(found.mean):
        band = ""
    elif found.is_exact:
        band = "exactly"
    elif math.isnan(found.low) or math.isnan(found.high):
        band = "interval unknown"
    else:
        band = f"{low} to {high}"
    return answer.Amount(found.mean, found.low, found.high, found.n, told, band)


def _signed(value: float, text: str) -> str:
    """Text of a difference: "+0.2", "−0.2", "0"."""
    if math.isnan(value) or not text.strip("-0.,%"):
        return text
    return f"+{text}" if value > 0 else f"−{text.removeprefix('-')}"


def listed(names: Sequence[str], joined: str = "and") -> str:
    """Names as a sentence has them: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joined} {names[-1]}"
