"""The page: data of a run folder into `report.html`, byte for byte the same each time."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from experiments.headline import (
    KEY_INDICATORS,
    answers,
    index_of,
    indicator_rows,
    period,
)
from experiments.interventions import Intervention, compared_days, interventions, shifts
from experiments.map_tables import streets_of
from experiments.numerals import measured, money, number, percent, unit_beside
from experiments.reporting.charts import DailyCharts, bars
from experiments.reporting.city_map import LATENESS, SHOPS, city_map
from experiments.reporting.day_map import LATE, SCRIPT, day_map
from experiments.reporting.delivery_numbers import delivery_numbers
from experiments.reporting.gains import by_group, by_size, money_flows, sanction_rows
from experiments.reporting.late_parcels import FEWEST_PARCELS, late_parcels
from experiments.reporting.recommendations import explained, trainings
from experiments.reporting.scripts import data_for_script, script, script_hash
from experiments.run_folder import RunData, read_run
from scenarios import cities
from scenarios.atomic import write_file_atomically
from scenarios.inputs import GRID
from sim.health import IndexResult, find

WITHOUT_FILE = frozenset({*cities.names(), GRID})
"""Street networks that come with Weal; any other is a file of the user's own."""


def write_report(folder: Path) -> Path:
    """Make the report of a run folder.

    Args:
        folder: a run's folder; the report is written into it, whole or not at all.

    Returns:
        The report's path.

    Raises:
        experiments.run_folder.RunFolderError: if the folder is not a run's.
    """
    path = folder / "report.html"
    write_file_atomically(path, render(read_run(folder)))
    return path


def render(data: RunData) -> str:
    """The report of a run as HTML."""
    text: str = template("report.html.j2").render(**_context(data))
    return text


@cache
def template(name: str) -> Template:
    """A template of our pages, compiled once however many pages a process writes."""
    return environment().get_template(name)


def environment() -> Environment:
    """The templates of our pages: all values escaped, a missing one refused."""
    pages = Environment(
        loader=PackageLoader("experiments", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["number"] = number
    pages.filters["money"] = money
    pages.filters["percent"] = percent
    pages.filters["svg"] = lambda chart: Markup(chart.svg)
    return pages


def _context(data: RunData) -> dict[str, Any]:
    scenario, indicators = data.scenario, data.indicators
    marked = interventions(scenario, len(indicators))
    daily = DailyCharts(indicators, marked)
    index = index_of(indicators, scenario)
    deliveries = day_map(data)
    return {
        "title": scenario.title or scenario.name,
        "scenario": scenario,
        "manifest": data.manifest,
        "answers": answers(indicators, scenario),
        "period": period(len(indicators)),
        "index": index,
        "index_weights": _weights(scenario.health.index.weights, index),
        "index_chart": bars(
            list(index.dimensions), list(index.dimensions.values()), "Health by dimension", "0 to 1"
        ),
        "scores": [
            {
                "name": name.replace("_", " "),
                "score": score,
                "value": measured(float(indicators[name].mean()), find(name).unit),
                "worst": measured(scenario.health.index.goalposts[name].worst, find(name).unit),
                "best": measured(scenario.health.index.goalposts[name].best, find(name).unit),
                "unit": unit_beside(find(name).unit),
                "dimension": find(name).dimension,
                "weight": scenario.health.index.goalposts[name].weight,
                "sentence": find(name).sentence,
            }
            for name, score in index.indicators.items()
        ],
        "charts": [
            daily.draw(name, title)
            for name, title in KEY_INDICATORS.items()
            if indicators[name].notna().any() and indicators[name].abs().sum() > 0
        ],
        "interventions": marked,
        "shifts": [
            (what, [_days(days) for days in compared_days(what, marked)], rows)
            for what in marked
            if (rows := _shift_rows(data, what, marked))
        ],
        "map": city_map(
            streets_of(data.tables["nodes"], data.tables["links"]),
            data.tables["places"],
            data.tables["merchants"],
            data.tables["deliveries"],
            data.manifest.attribution,
        ),
        "lateness": [(colour, name) for _, colour, name in LATENESS],
        "shop_sizes": [(area**0.5, name) for _, name, area in SHOPS],
        "attribution": data.manifest.attribution,
        "day_map": deliveries,
        "day_map_json": Markup(data_for_script(deliveries.data)) if deliveries.data else "",
        "lateness_marks": LATE,
        "delivery_numbers": delivery_numbers(indicators, scenario),
        "late": late_parcels(data.tables),
        "fewest_parcels": FEWEST_PARCELS,
        "script": Markup(script(SCRIPT)),
        "script_source": Markup(script_hash(SCRIPT)),
        "groups": by_group(data),
        "sizes": by_size(data),
        "flows": money_flows(data),
        "sanctions": sanction_rows(data),
        "trainings": trainings(data),
        "explained": explained(data),
        "indicators": indicator_rows(indicators),
        "policies": _policies(data),
        "own_files": _own_files(data),
        "command": _command(data),
    }


def _days(days: range) -> str:
    """Days as a table's head names them."""
    first, last = days[0], days[-1]
    return f"day {first}" if first == last else f"days {first}–{last}"


def _shift_rows(
    data: RunData, what: Intervention, marked: list[Intervention]
) -> list[dict[str, str]]:
    """Key indicators before an intervention and in its first days, in words."""
    rows = []
    for shift in shifts(data.indicators, what, list(KEY_INDICATORS), marked):
        unit = find(shift.name).unit
        rows.append(
            {
                "title": KEY_INDICATORS[shift.name],
                "unit": unit_beside(unit),
                "before": measured(shift.before, unit),
                "during": measured(shift.during, unit),
            }
        )
    return rows


def _weights(weights: dict[str, float], index: IndexResult) -> str:
    """How much each dimension counts, in words."""
    known = {name: weights.get(name, 0.0) for name in index.dimensions}
    if len(set(known.values())) == 1:
        return "All dimensions weigh alike."
    return f"Their weights: {', '.join(f'{name} {one:g}' for name, one in known.items())}."


def _policies(data: RunData) -> list[tuple[str, str, str]]:
    """Family, name and parameters of each policy of the run."""
    rows = []
    for family, policy in data.scenario.policies.model_dump(mode="json").items():
        if not isinstance(policy, dict) or "name" not in policy:
            continue
        settings = ", ".join(
            f"{key.replace('_', ' ')} {_setting(value)}"
            for key, value in policy.items()
            if key not in {"name", "secret"} and value is not None
        )
        rows.append((family.replace("_", " "), policy["name"].replace("_", " "), settings))
    return rows


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def _own_files(data: RunData) -> list[tuple[str, str]]:
    """Files of the user's own that the run needs again, with their hashes."""
    files = list(data.manifest.plugins.items())
    if data.scenario.roads.network not in WITHOUT_FILE:
        files.append((data.scenario.roads.network, data.manifest.input_hashes["roads"]))
    if data.scenario.roads.traffic.trips:
        files.append((data.scenario.roads.traffic.trips, data.manifest.input_hashes["trips"]))
    return files


def _command(data: RunData) -> str:
    """The command that repeats the run from its own folder."""
    plugins = "".join(f" --plugin {shlex.quote(name)}" for name in data.manifest.plugins)
    days = data.manifest.days_done
    return f"weal run scenario.toml --days {days} --seed {data.manifest.seed}{plugins} --out again"
