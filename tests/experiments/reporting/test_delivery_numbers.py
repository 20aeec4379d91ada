"""What a report tells of deliveries at once, without opening the table of all indicators."""

from pathlib import Path

import pytest

from experiments import run
from experiments.reporting.delivery_numbers import delivery_numbers
from experiments.reporting.page import render
from experiments.run_folder import read_run

ALWAYS = {
    "on_time_share",
    "click_to_door",
    "click_to_door_p90",
    "orders_per_hour",
    "bundle_size",
    "km_per_order",
    "empty_share",
    "co2_per_order",
    "cost_per_order",
}


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ([], set()),
        (["roads.traffic.on=true", "couriers.carriers=2"], {"duplicate_trips", "congestion"}),
    ],
)
def test_duplicate_trips_are_told_of_several_carriers_and_congestion_of_traffic(
    settings: list[str], more: set[str], tmp_path: Path
) -> None:
    run("tiny", days=2, overrides=settings, out=tmp_path / "run")
    data = read_run(tmp_path / "run")
    rows = {row.name: row for row in delivery_numbers(data.indicators, data.scenario)}
    assert rows.keys() == ALWAYS | more
    first, last = data.indicators["bundle_size"]
    assert rows["bundle_size"].mean == f"{(first + last) / 2:.2f}"
    assert rows["bundle_size"].ends == (f"{first:.2f}", f"{last:.2f}")
    page = render(data)
    section = page[page.index('<section aria-labelledby="deliveries">') :].partition("</section>")[
        0
    ]
    assert all(row.title in section for row in rows.values())


def test_a_run_by_post_has_no_such_numbers(tmp_path: Path) -> None:
    run("tiny", days=1, overrides=["couriers.count=0"], out=tmp_path / "run")
    data = read_run(tmp_path / "run")
    assert delivery_numbers(data.indicators, data.scenario) == []
    assert "delivery-numbers" not in render(data)
