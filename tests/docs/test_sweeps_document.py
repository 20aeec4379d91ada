"""What docs/sweeps.md shows works: its commands, its Python and its SQL, in a folder of its own."""

import re
from pathlib import Path

import pytest
from swept import command

from experiments import load
from experiments.sweeping.status import status

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "sweeps.md"


def blocks(language: str) -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_commands_and_queries_of_the_document_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [line for line in blocks("")[0].splitlines() if line.startswith("weal ")]
    assert len(commands) == 4
    for line in commands:
        words = line.partition("#")[0].split()[1:]
        smaller = ["--set", "days=2", "--set", "replications.count=2"]
        process = command(*words, *(smaller if words[0] == "sweep" else []))
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert status(tmp_path / "trial").is_complete
    python, sql = blocks("python")
    small = python.replace('out="trial"', 'out="trial", overrides=SMALLER')
    names: dict[str, object] = {"SMALLER": ["days=2", "replications.count=2"]}
    exec(small, names)
    assert len(names["days"]) == 2 * len(names["runs"]) > 0  # type: ignore[arg-type]
    shown = sql.replace("day >= 5", "day >= 1").replace("duckdb.sql(", "result = duckdb.sql(")
    exec(shown, names)
    found = names["result"].df()  # type: ignore[attr-defined]
    days = load("trial", daily=True)
    means = days[days["day"] >= 1].groupby("point")["gmv"].mean()
    assert found["gmv"].to_numpy() == pytest.approx(means.to_numpy())
