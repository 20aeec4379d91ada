"""Policies by family and name: those that installed packages register, and a user's own file.

Packages register a policy under the entry-point group `weal.policies` as `family.name`. A file is
loaded only when the user names it on the command line; a scenario can never make code run.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policies.params import PolicyParams
from policies.protocols import FAMILIES

GROUP = "weal.policies"

_plugged: dict[tuple[str, str], type[Any]] = {}


class PolicyError(ValueError):
    """A policy that is unknown, or a plug-in that lacks what its family asks for."""


@cache
def _registered() -> dict[tuple[str, str], EntryPoint]:
    found = {}
    for point in entry_points(group=GROUP):
        family, _, name = point.name.partition(".")
        found[family, name] = point
    return found


def names(family: str) -> tuple[str, ...]:
    """The names of all known policies of a family, sorted.

    Raises:
        PolicyError: if there is no such family.
    """
    _refuse_unknown_family(family)
    known = {*_registered(), *_plugged}
    return tuple(sorted(name for its_family, name in known if its_family == family))


def find(family: str, name: str) -> type[Any]:
    """The class of a policy.

    Raises:
        PolicyError: if the family or the name is unknown; the nearest known name is suggested.
    """
    known = names(family)
    if (family, name) in _plugged:
        return _plugged[family, name]
    if (family, name) not in _registered():
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise PolicyError(f"no {family} policy {name!r}; known: {', '.join(known)}{hint}")
    policy: type[Any] = _registered()[family, name].load()
    return policy


def make(family: str, params: PolicyParams) -> Any:
    """A policy of the given family from its parameters, whose `name` says which.

    Raises:
        PolicyError: if the name is unknown, or its class cannot be called with the parameters.
    """
    policy = find(family, params.name)
    try:
        inspect.signature(policy).bind(params)
    except TypeError as error:
        raise PolicyError(
            f"{family} policy {params.name!r}: its class must take its parameters, as in "
            f"`def __init__(self, params)`: {error}"
        ) from error
    return policy(params)


def load_plugin(path: Path) -> tuple[type[Any], ...]:
    """Load the policies of a user's Python file, so that scenarios can name them.

    Args:
        path: the file; its classes with a `family` attribute are taken as policies.

    Returns:
        The classes found, in the order in which the file defines them.

    Raises:
        PolicyError: if the file is missing, cannot be run, holds no complete policy, or one whose
            name is taken; then none of its policies is known.
    """
    if not path.is_file():
        missing = "is a folder; name a Python file" if path.is_dir() else "no such file"
        raise PolicyError(f"{path}: {missing}")
    spec = importlib.util.spec_from_file_location(f"weal_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PolicyError(f"{path}: not a Python file; its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise PolicyError(f"{path}{_line_in(error, path)}: {_said(error)}") from error
    found: tuple[type[Any], ...] = tuple(
        value
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == spec.name and hasattr(value, "family")
    )
    if not found:
        raise PolicyError(
            f"{path}: holds no policy; a policy is a class with `family` (one of "
            f"{', '.join(FAMILIES)}), `name`, `Params` and the family's method"
        )
    for policy in found:
        _refuse_incomplete(policy, path)
        _refuse_taken_name(policy, path)
    _plugged.update({(policy.family, policy.name): policy for policy in found})
    return found


@cache
def packages() -> frozenset[str]:
    """The packages whose policies are registered, Weal's own among them."""
    return frozenset(point.module.partition(".")[0] for point in _registered().values())


def plugged() -> Mapping[tuple[str, str], type[Any]]:
    """The policies that were loaded from files, by family and name."""
    return MappingProxyType(_plugged)


def unload_plugins() -> None:
    """Forget all plug-ins loaded from files."""
    _plugged.clear()


def _said(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    if isinstance(error, SystemExit):
        return "leaves Python (sys.exit) when it is loaded; a plug-in only defines policies"
    return f"{type(error).__name__}: {error}"


def _line_in(error: BaseException, path: Path) -> str:
    """`:LINE` of a file that could not be run, where it is known."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}" if error.lineno else ""
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == str(path.resolve()) or frame.f_code.co_filename == str(path)
    ]
    return f":{lines[-1]}" if lines else ""


def _refuse_unknown_family(family: str) -> None:
    if family not in FAMILIES:
        near = get_close_matches(family, FAMILIES, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise PolicyError(f"no policy family {family!r}; known: {', '.join(FAMILIES)}{hint}")


def _refuse_taken_name(policy: type[Any], path: Path) -> None:
    """A name stands for one policy: that of a shipped one, or of another file, is taken."""
    key = policy.family, policy.name
    other = _plugged.get(key)
    if key in _registered() or (other is not None and other.__module__ != policy.__module__):
        taken = ", ".join(names(policy.family))
        raise PolicyError(
            f"{path}: class {policy.__name__}: there is a {policy.family} policy {policy.name!r} "
            f"already; choose a name other than {taken}"
        )


def _refuse_incomplete(policy: type[Any], path: Path) -> None:
    where = f"{path}: class {policy.__name__}"
    try:
        _refuse_unknown_family(policy.family)
    except PolicyError as error:
        raise PolicyError(f"{where}: {error}") from error
    name = getattr(policy, "name", None)
    if not isinstance(name, str) or not name.isidentifier():
        raise PolicyError(f"{where}: `name` must be a word such as 'my_policy', not {name!r}")
    params = getattr(policy, "Params", None)
    if not (inspect.isclass(params) and issubclass(params, PolicyParams)):
        raise PolicyError(f"{where}: `Params` must be a subclass of policies.params.PolicyParams")
    method = FAMILIES[policy.family][1]
    if not callable(getattr(policy, method, None)):
        raise PolicyError(f"{where}: a {policy.family} policy needs a method `{method}`")
