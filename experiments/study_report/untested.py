"""What a study says nothing about: what it held fixed, left out, or could not measure."""

from __future__ import annotations

from collections import Counter
from typing import Any

from experiments.studies.dotted_changes import value_of
from experiments.studies.loading import LoadedStudy
from experiments.studies.results import StudyResults
from experiments.studies.schema import RUN_COLUMNS, Factor, Grid
from experiments.study_report.answer import Assumption, Untested
from experiments.study_report.labels import (
    factor_labels,
    is_numeric,
    level_text,
    listed,
    meanings,
    within,
)
from experiments.study_report.recommendation import Recommendation
from scenarios.fields import fields
from scenarios.schema import Scenario

ASSUMPTIONS = (
    "consumers.count",
    "consumers.multi_homing",
    "consumers.choice.base_utility",
    "consumers.choice.trust_weight",
    "commerce.population.visits_per_day",
    "commerce.population.price_sensitivity_median",
    "commerce.population.income_median",
    "commerce.generated.margin_low",
    "merchants.strategies",
    "merchants.capital_days",
    "merchants.fixed_cost_per_listing",
    "merchants.entry_rate",
    "platform.commission",
    "platform.delivery_fee",
    "rival.present",
    "rival.utility",
    "rival.commission",
    "policies.rival",
    "policies.subsidy",
    "policies.recommendation",
    "policies.sanctions",
    "couriers.count",
)
"""Fields on which an answer about prices, subsidies or rules is known to hang: demand (how much is
bought, how price moves it, who compares platforms), supply (costs, capital, entry), the rival, and
the policies that interact. A study that varies none of them has not asked whether they matter."""


def untested(results: StudyResults, one: Recommendation | None) -> Untested:
    """What the study does not tell."""
    loaded = results.loaded
    varied, meant = _varied(loaded), meanings()
    return Untested(
        tuple(_told(results, one)),
        tuple(
            Assumption(key, meant.get(key) or _policy(key), _value(value_of(loaded.base, key)))
            for key in ASSUMPTIONS
            if not any(_touches(key, other) for other in varied)
        ),
        tuple(_sections(varied)),
        tuple(_without_value(results)),
    )


def _varied(loaded: LoadedStudy) -> set[str]:
    study = loaded.study
    keys = {one.key for one in (*study.levers, *study.uncertainties)}
    return keys | {key for other in study.alternatives for key in other.changes}


def _touches(key: str, other: str) -> bool:
    return key == other or key.startswith(f"{other}.") or other.startswith(f"{key}.")


def _told(results: StudyResults, one: Recommendation | None) -> list[str]:
    loaded = results.loaded
    study = loaded.study
    told = []
    for lever, name in zip(study.levers, factor_labels(study.levers), strict=True):
        if ends := _ends(lever):
            between = ", and nothing between the levels in the tables" if one is not None else ""
            told.append(f"{name}: nothing outside {ends}{between}.")
    if one is not None and one.levels is not None and one.best >= 0:
        best = one.levels[one.best]
        if best in {min(one.levels), max(one.levels)} and len(one.levels) > 1:
            noun = within(factor_labels(study.levers)[0])
            told.append(
                f"The recommended {noun}, {level_text(study.levers[0], best)}, is at the edge of "
                "what was tested: beyond it may be better."
            )
    if isinstance(study.design, Grid):
        told += _worlds(loaded)
    told.append(
        f"Nothing after day {loaded.base.days - 1}: slower effects of a policy, such as entry and "
        "exit of shops, may take longer."
    )
    counts = results.runs.groupby("point").size().to_numpy()
    least, most = (int(counts.min()), int(counts.max())) if len(counts) else (0, 0)
    times = f"{least}" if least == most else f"{least} to {most}"
    told.append(
        f"Luck was drawn {times} times a point: events rarer than one in so many runs are not in "
        "the numbers."
    )
    told.append(
        "Whether the model fits a real market: it shows which way a policy works under assumptions "
        "that can be read, and is no forecast."
    )
    return told


def _worlds(loaded: LoadedStudy) -> list[str]:
    study = loaded.study
    if not study.uncertainties and not study.alternatives:
        return ["Nothing else was varied: one world, no uncertainty, no other policy."]
    told = []
    if len(study.uncertainties) > 1 and study.design.worlds == "one_at_a_time":  # type: ignore[union-attr]
        told.append("Uncertainties were varied one at a time: not two of them together.")
    for one, name in zip(study.uncertainties, factor_labels(study.uncertainties), strict=True):
        levels = listed([level_text(one, level) for level in one.levels or ()])
        told.append(f"{name}: nothing {f'outside {e}' if (e := _ends(one)) else f'but {levels}'}.")
    if not study.uncertainties:
        told.append("No uncertainty was varied, other policies alone.")
    if not study.alternatives:
        told.append("No other policies were plugged in.")
    return told


def _ends(factor: Factor) -> str:
    """The range that was tested: "0% to 50%"; empty where levels are no numbers."""
    levels = [factor.low, factor.high] if factor.levels is None else factor.levels
    numbers = [float(level) for level in levels if level is not None and is_numeric(level)]
    if len(numbers) < len(levels):
        return ""
    return f"{level_text(factor, min(numbers))} to {level_text(factor, max(numbers))}"


def _sections(varied: set[str]) -> list[tuple[str, int, int]]:
    """Sections of a scenario, how many fields each has, and how many of these were varied."""
    keys = {one.key for one in fields(Scenario) if "." in one.key and "[]" not in one.key}
    names = Counter(key.partition(".")[0] for key in keys)
    touched = Counter(key.partition(".")[0] for key in varied)
    return [(name, count, touched[name]) for name, count in sorted(names.items())]


def _without_value(results: StudyResults) -> list[str]:
    means = results.means
    skip = {*RUN_COLUMNS}
    return [str(name) for name in means.columns if name not in skip and means[name].isna().all()]


def _policy(key: str) -> str:
    family = key.removeprefix("policies.").replace("_", " ")
    return f"the policy of this family: {family}" if key.startswith("policies.") else ""


def _value(value: Any) -> str:
    if isinstance(value, dict):
        if "name" in value:
            return str(value["name"]).replace("_", " ")
        return ", ".join(f"{key.replace('_', ' ')} {_value(one)}" for key, one in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.6g}" if is_numeric(value) else str(value)
