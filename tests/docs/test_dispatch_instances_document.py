"""What docs/dispatch-instances.md shows works: its commands, its Python, its names."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments.cli import app
from tests.dispatch_instances import write_meals, write_vehicles

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "dispatch-instances.md"


def block(language: str) -> str:
    (found,) = re.findall(
        rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL
    )
    return str(found)


@pytest.mark.slow
def test_commands_and_python_of_the_document_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_meals(tmp_path / "instances" / "0o50t100s1p100")
    write_vehicles(tmp_path / "instances" / "small.txt")
    first, *others = block("sh").splitlines()
    for line in (*others, first):
        answer = CliRunner().invoke(app, line.split()[1:])
        assert answer.exit_code == 0, answer.stderr
    exec(block("python"), {})
    assert capsys.readouterr().out == "[] []\n"


def test_all_that_is_written_is_in_the_document(tmp_path: Path) -> None:
    text = DOCUMENT.read_text()
    for instance in (write_meals(tmp_path / "day"), write_vehicles(tmp_path / "small.txt")):
        out = tmp_path / "out" / instance.stem
        answer = CliRunner().invoke(
            app, ["dispatch", str(instance), "--policy", "nearest", "--out", str(out)]
        )
        assert answer.exit_code == 0
        for name in ("orders", "stops"):
            for column in (out / f"{name}.csv").read_text().splitlines()[0].split(","):
                assert f"`{column}`" in text or column in ("order", "courier"), column
        measures = json.loads((out / "measures.json").read_text())["measures"]
        unsaid = {"orders", "delivered", "undelivered_share", "pay_per_order"} | {
            "kilometres_per_order", "best_vehicles", "best_distance"
        }  # fmt: skip
        for name in measures.keys() - unsaid:
            assert f"`{name.removeprefix('click_to_door')}`" in text or f"`{name}`" in text, name
