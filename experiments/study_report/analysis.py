"""From a study's results to all that its report says; no other module of the report computes."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.statistics.confidence import RULE, Confidence, confidence
from experiments.studies.results import StudyResults
from experiments.studies.schema import HEALTH_INDEX, Grid
from experiments.study_report.answer import Setting, StudyAnswer
from experiments.study_report.drawn import drawn
from experiments.study_report.labels import factor_labels, lever_view, setting_labels
from experiments.study_report.method import method
from experiments.study_report.recommendation import (
    Recommendation,
    front,
    recommend,
    red_lines,
    zone_ends,
)
from experiments.study_report.reproduction import Named, failed_runs, named_by, reproduction
from experiments.study_report.rows import outcome_row, side_rows
from experiments.study_report.survival import survival
from experiments.study_report.untested import untested
from experiments.study_report.weightings import overturned, weightings
from experiments.study_report.words import answer_text, how_sure, noun_of, who_pays

FORMAT = 1
"""Number of the form of report.json."""

MOST_SLID = 150
"""Settings that sliders move over at most."""

ONE_SETTING = "There is one setting only: nothing to slide over."


def analyse(results: StudyResults, named: Named | None = None) -> StudyAnswer:
    """All that the report of a study says: the same results give the same answer.

    Args:
        results: with the means of all indicators, without which sides and other indices are left
            out.
        named: what commands call the study; absent: by its file.
    """
    parts = _common(results, named or named_by(results.loaded))
    if not isinstance(results.loaded.study.design, Grid):
        return StudyAnswer(**parts, **drawn(results))
    return StudyAnswer(**parts, **_of_grid(results))


def _of_grid(results: StudyResults) -> dict[str, Any]:
    """What is said of a grid alone: its settings, and which may be the best."""
    loaded = results.loaded
    study = loaded.study
    labels = setting_labels(loaded)
    one = recommend(results)
    tried = survival(results, one, labels)
    weighted = weightings(results, labels, one.best)
    index_decides = study.deciding.indicator == HEALTH_INDEX
    turned = index_decides and overturned(weighted, one.best, one.found.in_set.tolist())
    survives = None if tried is None else tried.survives
    survives = False if turned else survives
    settings = _settings(results, one, labels)
    sides, no_sides = side_rows(results)
    answer = answer_text(loaded, one, labels, survives)
    sure = confidence(one.found, survives) if one.best >= 0 else Confidence.CANNOT_TELL
    return {
        "sentences": (
            answer[0],
            how_sure(one, survives, tried, turned),
            who_pays(one, settings, sides, tried, noun_of(loaded)),
        ),
        "confidence": sure.word,
        "rule": RULE,
        "more": answer[1:],
        "settings": settings,
        "recommended": one.best,
        "base": one.base,
        "zones": zone_ends(one),
        "outcomes": tuple(outcome_row(results, outcome) for outcome in study.outcomes),
        "sides": tuple(sides),
        "no_sides": tuple(no_sides),
        "red_lines": red_lines(results, one, labels),
        "front": front(results, labels),
        "survival": tried,
        "weightings": weighted,
        "influences": None,
        "no_slider": _no_slider(len(settings)),
        "untested": untested(results, one),
    }


def _no_slider(settings: int) -> str:
    if settings < 2:
        return ONE_SETTING
    if settings > MOST_SLID:
        return f"There is no slider: {settings:,} settings are more than a page below 2 MB holds."
    return ""


def _common(results: StudyResults, named: Named) -> dict[str, Any]:
    """What the answer says of any design."""
    loaded = results.loaded
    study = loaded.study
    done, asked = len(results.runs), results.planned
    return {
        "format": FORMAT,
        "name": study.name,
        "title": study.title or study.name,
        "question": study.question,
        "scenario": loaded.base.name,
        "design": study.method,
        "days": loaded.base.days,
        "runs": f"{done:,} of {asked:,} runs",
        "warnings": tuple(_warnings(results)),
        "deciding": study.deciding.name,
        "levers": tuple(
            lever_view(loaded, one, name)
            for one, name in zip(study.levers, factor_labels(study.levers), strict=True)
        ),
        "uncertainties": tuple(
            lever_view(loaded, one, name)
            for one, name in zip(
                study.uncertainties, factor_labels(study.uncertainties), strict=True
            )
        ),
        "failures": failed_runs(results),
        "method": method(results),
        "reproduction": reproduction(results, named),
    }


def _warnings(results: StudyResults) -> list[str]:
    told = []
    done, failed = len(results.runs), len(results.failures)
    if done + failed < results.planned:
        told.append(
            f"The sweep has not ended: {done:,} of {results.planned:,} runs are done. What follows "
            "is about those."
        )
    if failed:
        told.append(
            f"{failed:,} {'run' if failed == 1 else 'runs'} failed: what they lack is left out, in "
            "whole pairs; reasons are below."
        )
    if results.means.empty:
        told.append("Means of indicators were not kept: who gains and who loses is left out.")
    return told


def _settings(results: StudyResults, one: Recommendation, labels: list[str]) -> tuple[Setting, ...]:
    loaded = results.loaded
    levels = [
        list(dict.fromkeys(s.values[lever.key] for s in loaded.layout.settings))
        for lever in loaded.study.levers
    ]
    lines = one.found.verdicts if one.found.by_line else [""] * len(labels)
    return tuple(
        Setting(
            labels[s],
            s == one.base,
            bool(np.asarray(one.found.in_set)[s]),
            lines[s],
            tuple(
                place.index(setting.values[lever.key])
                for place, lever in zip(levels, loaded.study.levers, strict=True)
            ),
        )
        for s, setting in enumerate(loaded.layout.settings)
    )
