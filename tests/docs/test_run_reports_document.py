"""What docs/run-reports.md shows works: its commands and its Python, in a folder of their own."""

import re
from pathlib import Path

import pytest
from swept import command

from experiments.reporting.driven import DEVIATION, MOST_TRIPS
from experiments.reporting.map_points import SIDE

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "run-reports.md"


def blocks(language: str) -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_limits_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert f"over {MOST_TRIPS:,} trips" in text
    assert f"1/{SIDE} of the map" in text
    assert f"more than {DEVIATION:.0%}" in text


@pytest.mark.slow
def test_commands_and_python_of_the_document_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (lines,) = blocks("")
    pages = []
    for line in lines.splitlines():
        process = command(*line.split()[1:])
        _, errors = process.communicate()
        assert process.returncode == 0, errors
        pages.append((tmp_path / "my-run" / "report.html").read_bytes())
    assert len(pages) == 2
    assert pages[0] == pages[1]
    (python,) = blocks("python")
    exec(python, {})
    assert "hour" in capsys.readouterr().out
