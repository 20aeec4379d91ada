"""What a check finds in files of streets and trips, as a run would; and their unit of length."""

import subprocess
import sys
from pathlib import Path

import pytest

from experiments.commands.check import check_command
from experiments.running import resolve, run
from scenarios.errors import ScenarioError
from scenarios.loading import load_toml
from scenarios.schema import LOOKS_INSIDE, STARTS_FROM, Scenario
from scenarios.street_files import note_on_lengths
from scenarios.streets import load_roads
from sim.roads import RoadDataError
from sim.settings.roads import LengthUnit, RoadSettings

GRID = "days = 1\n[roads]\nnetwork = 'grid'\nrows = 8\ncolumns = 8\n"
HEAD = (
    "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 2\n<FIRST THRU NODE> 1\n"
    "<NUMBER OF LINKS> 2\n<END OF METADATA>\n"
)


def _checked(folder: Path, text: str) -> list[tuple[str, str]]:
    """Key and message of each problem that a check of a scenario finds."""
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load_toml(path, Scenario, [], {STARTS_FROM: folder, LOOKS_INSIDE: True})
    except ScenarioError as error:
        return [(problem.key, problem.message) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("1,63,abc", "line 2: trips is abc; allowed: a finite number >= 0"),
        ("1,64,5", "line 2: destination is 64; allowed: a node of grid 8 x 8: 0 to 63"),
    ],
)
def test_a_check_refuses_the_trips_that_a_run_refuses(rows: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text(f"origin,destination,trips\n{rows}\n", encoding="utf-8")
    text = f"{GRID}[roads.traffic]\ntrips = 'trips.csv'\n"
    ((key, message),) = _checked(tmp_path, text)
    assert key == "roads.traffic.trips"
    assert message.endswith(said)
    with pytest.raises(RoadDataError, match=r"trips\.csv, line 2"):
        run(tmp_path / "scenario.toml")


def test_a_check_tells_all_classes_that_no_road_has_together_with_wrong_trips(
    tmp_path: Path,
) -> None:
    (tmp_path / "trips.csv").write_text("origin,destination\n1,2\n", encoding="utf-8")
    text = (
        f"{GRID}[roads.traffic]\non = true\ntrips = 'trips.csv'\n"
        "capacity = {prmary = 9.0, residential = 9.0, x = 9.0}\n"
    )
    told = dict(_checked(tmp_path, text))
    assert told.keys() == {
        "roads.traffic.capacity.prmary",
        "roads.traffic.capacity.x",
        "roads.traffic.trips",
    }
    assert told["roads.traffic.capacity.prmary"].endswith("did you mean primary?")


def test_a_check_looks_into_a_change_of_classes_and_only_where_there_is_traffic(
    tmp_path: Path,
) -> None:
    table = "volume_to_capacity = {resdential = 1.9}\n"
    assert _checked(tmp_path, f"{GRID}[roads.traffic]\n{table}") == []
    change = "[[events]]\nkind = 'change'\nday = 0\nkey = 'roads.traffic.{}'\nvalue = {}\n"
    on = change.format("on", "true")
    ((key, _),) = _checked(tmp_path, f"{GRID}[roads.traffic]\n{table}{on}")
    assert key == "roads.traffic.volume_to_capacity.resdential"
    wrong = change.format("capacity", "{resdential = 1.9}")
    ((key, message),) = _checked(tmp_path, f"{GRID}{wrong}[roads.traffic]\non = true\n")
    assert key == "events.0.value"
    assert "did you mean residential?" in message


def test_looking_into_traffic_compiles_nothing() -> None:
    code = """
import sys
from experiments.commands.check import check_command
wrong = ["roads.traffic.on=true", "roads.traffic.capacity={resdential = 1.9}"]
assert check_command("tiny", wrong, [], as_json=True) == 2
sys.exit(int("numba" in sys.modules or "sim.market" in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0


def _two_ways(folder: Path, length: float, minutes: float) -> Path:
    path = folder / "two_net.tntp"
    rows = "".join(f"{a} {b} 900 {length} {minutes} 0.15 4 0 0 1 ;\n" for a, b in ((1, 2), (2, 1)))
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("unit", "metres"), [("m", 1.0), ("km", 1000.0), ("mi", 1609.344), ("ft", 0.3048)]
)
def test_lengths_are_read_in_the_unit_that_a_scenario_names(
    unit: LengthUnit, metres: float, tmp_path: Path
) -> None:
    path = _two_ways(tmp_path, length=6.0, minutes=6.0)
    roads = load_roads(RoadSettings(network=str(path), length_unit=unit))
    assert roads.length_m.tolist() == pytest.approx([6.0 * metres] * 2)
    assert roads.minutes.tolist() == [6.0, 6.0]


@pytest.mark.parametrize(
    ("length", "minutes", "unit", "said"),
    [
        (6.0, 6.0, "m", 'at 0.06 km/h or less; roads.length_unit = "km" (60 km/h) or "mi" (96.6'),
        (5280.0, 1.1, "m", 'or less; roads.length_unit = "ft" (87.8 km/h) would make sense'),
        (1e-9, 50.0, "km", "with no other roads.length_unit"),
        (6.0, 6.0, "km", ""),
        (500.0, 1.0, "m", ""),
        (0.0, 1.0, "m", ""),
    ],
)
def test_absurd_speeds_are_pointed_out_with_the_unit_that_makes_sense(
    length: float, minutes: float, unit: LengthUnit, said: str, tmp_path: Path
) -> None:
    path = _two_ways(tmp_path, length, minutes)
    notes = note_on_lengths(RoadSettings(network=str(path), length_unit=unit), None)
    assert len(notes) == bool(said)
    assert said in "".join(notes)


def test_a_check_notes_absurd_speeds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _two_ways(tmp_path, length=6.0, minutes=6.0)
    changes = [f"roads.network={path}", "events=[]"]
    assert check_command("tiny", changes, [], as_json=True) == 0
    assert 'roads.length_unit = "km" (60 km/h)' in capsys.readouterr().err
    assert check_command("tiny", [*changes, "roads.length_unit=km"], [], as_json=True) == 0
    assert capsys.readouterr().err == ""


def test_a_check_of_a_study_looks_into_its_base_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        "title = 'T'\nquestion = 'Q?'\nscenario = 'tiny'\ndays = 2\n[changes]\n"
        "'roads.traffic.on' = true\n'roads.traffic.capacity' = {prmary = 3.0}\n"
        "[[levers]]\nkey = 'platform.commission'\nlevels = [0.1, 0.2]\n"
        "[[outcomes]]\nname = 'o'\nindicator = 'orders'\nbetter = 'higher'\n",
        encoding="utf-8",
    )
    assert check_command(str(path), [], [], as_json=False) == 2
    assert "roads.traffic.capacity.prmary = 3.0: there is no road class" in capsys.readouterr().err


def test_the_unit_of_length_is_fixed_when_the_market_is_founded() -> None:
    change = '{kind = "change", day = 1, key = "roads.length_unit", value = "ft"}'
    with pytest.raises(ScenarioError, match="is fixed when the market is founded"):
        resolve("tiny", overrides=[f"events=[{change}]"])
