"""Small instances of dispatch, written as the published ones are."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from experiments.cli import app


def dispatched(out: Path, *instances: Path, policy: str, more: tuple[str, ...] = ()) -> Path:
    """Dispatch instances by the command, and give the folder of their solutions."""
    answer = CliRunner().invoke(
        app, ["dispatch", *map(str, instances), "--policy", policy, "--out", str(out), *more]
    )
    assert answer.exit_code == 0, answer.output + answer.stderr
    return out


def write_meals(
    folder: Path,
    *,
    orders: int = 30,
    couriers: int = 8,
    restaurants: int = 6,
    seed: int = 0,
    hours: float = 6.0,
) -> Path:
    """An instance of meal delivery in the format of Grubhub's."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)

    def table(name: str, head: str, rows: list[list[object]]) -> None:
        lines = [head, *("\t".join(map(str, row)) for row in rows)]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")

    def point() -> list[object]:
        return rng.integers(0, 5000, 2).tolist()

    table("restaurants", "restaurant\tx\ty", [[f"r{i + 1}", *point()] for i in range(restaurants)])
    placed = rng.integers(60, 60 + int(hours * 45), orders).tolist()
    table(
        "orders",
        "order\tx\ty\tplacement_time\trestaurant\tready_time",
        [
            [
                f"o{i + 1}",
                *point(),
                at,
                f"r{rng.integers(restaurants) + 1}",
                at + int(rng.integers(5, 25)),
            ]
            for i, at in enumerate(placed)
        ],
    )
    table(
        "couriers",
        "courier\tx\ty\ton_time\toff_time",
        [
            [f"c{i + 1}", *point(), on, on + int(hours * 30)]
            for i, on in enumerate(rng.integers(30, 60 + int(hours * 20), couriers).tolist())
        ],
    )
    table(
        "instance_parameters",
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door"
        "\tmaximum click-to-door\tpay per order\tguaranteed pay per hour",
        [[320, 4, 4, 40, 90, 10, 15]],
    )
    return folder


def write_vehicles(path: Path, *, pairs: int = 8, vehicles: int = 6, seed: int = 0) -> Path:
    """An instance of pickup and delivery with time windows in the format of Li and Lim's.

    Each pair can be served by a vehicle of its own.
    """
    rng = np.random.default_rng(seed)
    at = np.concatenate([[[50, 50]], rng.integers(0, 100, (2 * pairs, 2))])
    rows = [[0, 50, 50, 0, 0, 500, 0, 0, 0]]
    for i in range(1, 2 * pairs + 1):
        pickup = i <= pairs
        other = i + pairs if pickup else i - pairs
        first, second = (at[i], at[other]) if pickup else (at[other], at[i])
        reach = math.ceil(math.dist(at[0], first))
        begin = reach + (0 if pickup else 5 + math.ceil(math.dist(first, second)))
        units = int(rng.integers(1, 6)) if pickup else -rows[other][3]
        rows.append(
            [i, *at[i].tolist(), units, begin, begin + 60, 5]
            + ([0, other] if pickup else [other, 0])
        )
    lines = [f"{vehicles}\t10\t1", *("\t".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path
