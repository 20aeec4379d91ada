"""A model written as TOML reads as the same model, and the same model gives the same bytes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from scenarios.loading import load_toml, override
from scenarios.writing import content_hash, to_toml


class Inner(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    text: str
    number: float = Field(allow_inf_nan=True)
    maybe: int | None = None


class Outer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    count: int
    flags: tuple[bool, ...]
    groups: frozenset[str]
    folder: Path
    free: dict[str, float]
    inners: tuple[Inner, ...]


texts = st.text(st.characters(codec="utf-8"), max_size=12)
floats = st.floats(allow_nan=False)
outers = st.builds(
    Outer,
    count=st.integers(-(2**63), 2**63 - 1),
    flags=st.lists(st.booleans(), max_size=3).map(tuple),
    groups=st.frozensets(texts, max_size=4),
    folder=st.sampled_from([Path("a/b"), Path("/x"), Path()]),
    free=st.dictionaries(texts, floats, max_size=3),
    inners=st.lists(
        st.builds(Inner, text=texts, number=floats, maybe=st.none() | st.integers(0, 9)), max_size=3
    ).map(tuple),
)


@given(outers)
def test_what_is_written_reads_as_the_same(tmp_path_factory: Any, model: Outer) -> None:
    path = tmp_path_factory.getbasetemp() / "written.toml"
    path.write_bytes(to_toml(model).encode())
    again = load_toml(path, Outer)
    assert again == model
    assert to_toml(again) == to_toml(model)


def test_defaults_are_written_out_and_absent_values_are_not(world: type[BaseModel]) -> None:
    text = to_toml(world(title="x"))
    assert "commission = 0.2" in text
    assert "written" not in text


def test_a_none_that_is_not_the_default_cannot_be_written() -> None:
    class Limited(BaseModel):
        limit: float | None = 5.0

    class Around(BaseModel):
        inner: Limited

    with pytest.raises(ValueError, match=r"inner\.limit: is None"):
        to_toml(Around(inner=Limited(limit=None)))


def test_the_hash_tells_models_apart_and_nothing_else(world: type[BaseModel]) -> None:
    one = world(title="x")
    assert content_hash(one) == content_hash(world(title="x", days=30))
    assert content_hash(one) != content_hash(override(one, ["days=31"]))
    assert content_hash(override(one, ["consumers.patience=0.5"])) == content_hash(one)


def test_minus_zero_is_written_as_the_zero_it_equals() -> None:
    assert to_toml(Inner(text="", number=-0.0)) == to_toml(Inner(text="", number=0.0))


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "from pydantic import BaseModel\n"
        "from scenarios.writing import content_hash\n"
        "class M(BaseModel):\n"
        "    groups: frozenset[str]\n"
        "print(content_hash(M(groups=frozenset('abcdefgh'))))"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(hashes) == 1
