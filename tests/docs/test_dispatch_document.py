"""What docs/dispatch.md shows works, and it leaves out no policy and no parameter."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments.cli import app
from policies import registry

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "dispatch.md"


def blocks(language: str) -> list[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_commands_of_the_document_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    lines = [line for line in lines if line.startswith("weal ")]
    assert len(lines) > 3
    for line in lines:
        answer = CliRunner().invoke(app, line.split()[1:])
        assert answer.exit_code == 0, f"{line}\n{answer.stderr}"


def test_the_policy_of_the_document_can_be_made() -> None:
    (block,) = blocks("toml")
    params = tomllib.loads(block)["policies"]["dispatch"]
    registry.find("dispatch", params["name"]).Params(**params)


def test_every_policy_and_parameter_is_named() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name in registry.names("dispatch"):
        for word in (name, *registry.find("dispatch", name).Params.model_fields):
            assert f"`{word}`" in text or word == "name", word
