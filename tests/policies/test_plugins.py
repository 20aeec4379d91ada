"""Policies from a user's own files: what is taken, and what is refused with its reason."""

from pathlib import Path

import pytest

from policies import registry
from policies.registry import PolicyError, load_plugin

WHOLE = '''
from policies.params import PolicyParams
from policies.observations import SubsidyOffer
import numpy as np

class Mine:
    family = "subsidy"
    name = "{name}"

    class Params(PolicyParams):
        """None."""

    def __init__(self, params):
        self.params = params

    def offer(self, observation):
        return SubsidyOffer(np.zeros(1, np.int64), np.zeros(1, bool))
'''


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_a_whole_policy_is_known_by_its_name_however_often_its_file_is_loaded(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, WHOLE.format(name="mine"))
    load_plugin(file)
    (again,) = load_plugin(file)
    assert registry.find("subsidy", "mine") is again
    assert "mine" in registry.names("subsidy")


def test_a_shipped_policy_cannot_be_replaced(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="there is a subsidy policy 'flat' already"):
        load_plugin(written(tmp_path, WHOLE.format(name="flat")))
    assert registry.find("subsidy", "flat").__module__.startswith("policies.")


def test_two_files_cannot_share_a_name(tmp_path: Path) -> None:
    load_plugin(written(tmp_path, WHOLE.format(name="mine"), "one.py"))
    with pytest.raises(PolicyError, match=r"two\.py: class Mine: .*choose a name other than"):
        load_plugin(written(tmp_path, WHOLE.format(name="mine"), "two.py"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import nothing_of_the_kind", "ModuleNotFoundError"),
        ("def f(:", "SyntaxError"),
        ("x = 1", "holds no policy"),
        (WHOLE.format(name="two words"), "must be a word"),
        (WHOLE.format(name="mine").replace('"subsidy"', '"subsidie"'), "did you mean 'subsidy'"),
        (WHOLE.format(name="mine").replace("def offer", "def offers"), "needs a method `offer`"),
        (WHOLE.format(name="mine").replace("(PolicyParams)", ""), "must be a subclass"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_file_and_the_reason(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(PolicyError, match=rf"mine\.py.*{told}"):
        load_plugin(written(tmp_path, text))
    assert "mine" not in registry.names("subsidy")


def test_a_file_that_leaves_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"mine\.py:2: leaves Python"):
        load_plugin(written(tmp_path, "import sys\nsys.exit(0)\n"))


def test_the_line_of_a_syntax_error_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"mine\.py:2: SyntaxError"):
        load_plugin(written(tmp_path, "x = 1\ny = = 2\n"))


def test_a_class_that_does_not_take_its_parameters_is_told(tmp_path: Path) -> None:
    text = WHOLE.format(name="mine").replace("def __init__(self, params)", "def __init__(self)")
    (policy,) = load_plugin(written(tmp_path, text))
    with pytest.raises(PolicyError, match="must take its parameters"):
        registry.make("subsidy", policy.Params(name="mine"))
