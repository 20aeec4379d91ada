"""The page of a study's report, made of its answer: the same answer gives the same bytes."""

from __future__ import annotations

import dataclasses
import json
import math
from functools import cache
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from experiments.numerals import unit_in_words
from experiments.reporting.charts import Chart, bars
from experiments.reporting.comparison_charts import short_label
from experiments.reporting.page import environment
from experiments.reporting.scripts import data_for_script, script, script_hash
from experiments.studies.loading import LoadedStudy
from experiments.study_report import charts, slider
from experiments.study_report.answer import Row, Setting, StudyAnswer
from experiments.study_report.labels import unit_beside
from experiments.study_report.survival_charts import tornado

MOST_SETTINGS = 150
"""Settings that tables have room for: a page stays below 2 MB."""


def render(answer: StudyAnswer, loaded: LoadedStudy) -> str:
    """The report as one HTML file that asks the network for nothing."""
    text: str = _template().render(**_context(answer, loaded))
    return text


@cache
def _template() -> Template:
    """The page's template, compiled once however many pages a process writes."""
    pages = environment()
    pages.filters["unit_beside"] = unit_beside
    pages.filters["unit_in_words"] = unit_in_words
    pages.filters["short"] = short_label
    pages.filters["breakable"] = lambda key: Markup("<wbr>.").join(key.split("."))
    return pages.get_template("study.html.j2")


def as_json(answer: StudyAnswer) -> str:
    """The same content for machines; null stands where nothing was measured."""
    content = _without_nan(dataclasses.asdict(answer))
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _context(answer: StudyAnswer, loaded: LoadedStudy) -> dict[str, Any]:
    deciding = next((one for one in answer.outcomes if one.key == answer.deciding), None)
    others = [one for one in answer.outcomes if one.key != answer.deciding]
    grid = bool(answer.settings)
    data = slider.slider_data(answer, loaded)
    return {
        "answer": answer,
        "deciding": deciding,
        "words": slider.WORDS,
        "tabled": _tabled(answer, deciding),
        "main_charts": _drawn(
            charts.over_lever(answer, deciding, differences=True),
            charts.over_lever(answer, deciding, differences=False),
        )
        if grid and deciding
        else [],
        "other_charts": _drawn(
            *(charts.over_lever(answer, one, differences=True) for one in others)
        )
        if grid
        else [],
        "gains_chart": charts.gains(answer) if grid else None,
        "shown": charts.shown_setting(answer) if grid else -1,
        "pareto_chart": charts.pareto(answer) if grid else None,
        "tornados": _drawn(tornado(answer, over_rival=True), tornado(answer, over_rival=False))
        if grid
        else [],
        "weightings_chart": _shares_first(answer),
        "influence_chart": _influence(answer),
        "heat": charts.heat(answer) if grid else None,
        "slider": data,
        "slider_json": Markup(data_for_script(data)) if data else "",
        "script": Markup(script(slider.SCRIPT)) if data else "",
        "script_source": script_hash(slider.SCRIPT) if data else "'none'",
    }


def _tabled(answer: StudyAnswer, deciding: Row | None) -> list[tuple[int, Setting]]:
    """Settings that the tables have room for, in their order, with their numbers."""
    every = list(enumerate(answer.settings))
    if len(every) <= MOST_SETTINGS or deciding is None:
        return every
    sign = -1.0 if deciding.better == "lower" else 1.0

    def rank(pair: tuple[int, Setting]) -> tuple[bool, bool, float]:
        mean = deciding.means[pair[0]].mean
        return not pair[1].is_base, not pair[1].may_be_best, -sign * mean if mean == mean else 1e300

    return sorted(sorted(every, key=rank)[:MOST_SETTINGS], key=lambda pair: pair[0])


def _drawn(*some: Chart | None) -> list[Chart]:
    return [one for one in some if one is not None]


def _shares_first(answer: StudyAnswer) -> Chart | None:
    found = answer.weightings
    if found is None:
        return None
    rows = sorted(found.rows, key=lambda one: -one.share_first)[: charts.MOST_LABELS]
    return bars(
        [short_label(one.setting, 22) for one in rows],
        [one.share_first for one in rows],
        "How often each setting comes first",
        "share of weightings",
    )


def _influence(answer: StudyAnswer) -> Chart | None:
    """Shares of variance of the deciding outcome, where the design tells them."""
    found = answer.influences
    if answer.design != "sobol" or found is None:
        return None
    first = found.rows[0].outcome if found.rows else ""
    known = [
        (row.factor, row.values[1].mean)
        for row in found.rows
        if row.outcome == first and math.isfinite(row.values[1].mean)
    ]
    if not known:
        return None
    labels, values = zip(*known, strict=True)
    shares = [min(max(one, 0.0), 1.0) for one in values]
    return bars(
        [short_label(one, 22) for one in labels], shares, first, "share of variance, in all"
    )


def _without_nan(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_without_nan(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content
