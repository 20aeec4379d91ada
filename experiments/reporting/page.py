"""The page: data of a run folder into `report.html`, byte for byte the same each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from experiments.headline import headline, index_of, indicator_rows, number, span
from experiments.reporting.charts import Chart, bars, city_map, over_time, spans
from experiments.reporting.gains import by_group, by_size, money_flows, sanction_rows
from experiments.run_folder import RunData, read_run
from scenarios.atomic import write_file_atomically

CHARTS: tuple[tuple[str, str, str], ...] = (
    ("surplus_per_visit", "What a visit is worth to a consumer", "currency"),
    ("trust", "Trust in the platform", "0 to 1"),
    ("price_index", "Prices against the first day", "first day = 1"),
    ("subsidy_share", "Subsidies", "share of sales"),
    ("open_merchants", "Shops in business", "shops"),
    ("small_merchant_sales", "Small shops' part of sales", "share"),
    ("hhi", "Concentration of revenue (HHI)", "points"),
    ("complaint_rate", "Complaints", "share of deliveries"),
    ("counterfeit_share", "Counterfeits bought", "share of units"),
    ("on_time_share", "Orders on time", "share"),
    ("courier_earnings", "Couriers' earnings", "currency an hour"),
    ("profit", "The platform's profit", "currency a day"),
)

ATTRIBUTION = {
    "coquimbo": "© OpenStreetMap contributors (ODbL 1.0), via AequilibraE",
    "munich_centre": "© OpenStreetMap contributors (ODbL 1.0), via FleetPy",
}


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
    environment = Environment(
        loader=PackageLoader("experiments", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["percent"] = lambda share: "–" if share != share else f"{share:.0%}"
    environment.filters["svg"] = lambda chart: Markup(chart.svg)
    text: str = environment.get_template("report.html.j2").render(**_context(data))
    return text


def _context(data: RunData) -> dict[str, Any]:
    scenario, indicators = data.scenario, data.indicators
    marked = spans(scenario)
    sentences = [line.partition(": ") for line in headline(indicators, scenario)]
    index = index_of(indicators, scenario)
    names = list(index.dimensions)
    sizes = by_size(data)
    return {
        "title": scenario.title or scenario.name,
        "scenario": scenario,
        "manifest": data.manifest,
        "week": span(len(indicators)),
        "sentences": [(who, what) for who, _, what in sentences],
        "index": index,
        "index_chart": bars(
            names, [index.dimensions[name] for name in names], "Health by dimension", "0 to 1"
        ),
        "weights": scenario.health.index.weights,
        "charts": [
            over_time(indicators, name, title, unit, marked)
            for name, title, unit in CHARTS
            if indicators[name].notna().any() and indicators[name].abs().sum() > 0
        ],
        "events": _event_rows(indicators, data),
        "map": _map(data),
        "groups": by_group(data).to_dict("records"),
        "sizes": sizes.to_dict("records"),
        "size_chart": bars(
            list(sizes["size"]),
            list(sizes["gross_profit"]),
            "Revenue less unit costs, by size of merchant",
            "currency",
        ),
        "flows": money_flows(data),
        "sanctions": sanction_rows(data),
        "indicators": indicator_rows(indicators),
        "policies": {
            family: params["name"]
            for family, params in scenario.policies.model_dump().items()
            if isinstance(params, dict) and "name" in params
        },
        "command": _command(data),
    }


def _event_rows(indicators: pd.DataFrame, data: RunData) -> list[dict[str, Any]]:
    """Key indicators in the two weeks before an event and in its first two weeks."""
    rows = []
    for event in spans(data.scenario):
        start = int(event.start)
        before = indicators.loc[max(0, start - 14) : start - 1]
        during = indicators.loc[start : min(int(event.end), start + 14) - 1]
        if before.empty or during.empty:
            continue
        rows.append(
            {
                "label": event.label,
                "start": start,
                "end": int(event.end),
                "changes": [
                    {
                        "title": title,
                        "before": float(before[name].mean()),
                        "during": float(during[name].mean()),
                    }
                    for name, title, _ in CHARTS
                    if before[name].notna().any() and during[name].notna().any()
                ],
            }
        )
    return rows


def _map(data: RunData) -> Chart:
    return city_map(
        data.tables["streets"],
        data.tables["places"],
        data.tables["merchants"],
        data.tables["deliveries"],
        ATTRIBUTION.get(data.scenario.roads.network, ""),
    )


def _command(data: RunData) -> str:
    """The command that repeats the run from its own folder."""
    plugins = "".join(f" --plugin {name}" for name in data.manifest.plugins)
    days = data.manifest.days_done
    return f"weal run scenario.toml --days {days} --seed {data.manifest.seed}{plugins} --out again"
