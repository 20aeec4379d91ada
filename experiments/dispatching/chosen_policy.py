"""The dispatch policy that a user names, with its parameters."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from experiments.dispatching.instance import Problem as Kind
from experiments.varying import VariationError
from policies.protocols import Dispatch
from policies.registry import find, make
from scenarios.diagnosis import diagnose
from scenarios.errors import Problem
from scenarios.toml_lines import Path

STRONGEST = "local_search"


def choose(
    name: str | None, overrides: Sequence[str], problem: Kind
) -> tuple[Dispatch, dict[str, Any]]:
    """Make a policy with its own parameters, those that its problem asks for, and the user's.

    Args:
        name: of the policy; None is the strongest.
        overrides: `KEY=VALUE`, each a parameter, in the syntax of TOML or as plain text.
        problem: the kind of instance it will dispatch.

    Returns:
        The policy, and its parameters in full.

    Raises:
        PolicyError: There is no such policy; the message names the nearest.
        VariationError: A parameter is unknown or out of its range.
    """
    kind = find("dispatch", name or STRONGEST)
    given = parameters(overrides)
    if problem is Kind.PICKUP_AND_DELIVERY:
        given = getattr(kind, "parameters_for_vehicle_routing", dict)() | given
    try:
        params = kind.Params(name=kind.name, **given)
    except ValidationError as error:
        found = diagnose(error, kind.Params, {"name": kind.name, **given})
        raise VariationError(
            "\n".join(_said(path, problem, given, kind.name) for path, problem in found)
        ) from error
    return make("dispatch", params), params.model_dump(mode="json")


def parameters(overrides: Sequence[str]) -> dict[str, Any]:
    """Parameters by name from `KEY=VALUE`.

    Raises:
        VariationError: One is not written so, or stands twice.
    """
    given: dict[str, Any] = {}
    for override in overrides:
        key, sign, text = (part.strip() for part in override.partition("="))
        if not sign or not key or key == "name":
            raise VariationError(f"--set {override}: expected KEY=VALUE, a parameter of the policy")
        if key in given:
            raise VariationError(f"--set {override}: {key} is set twice")
        try:
            given[key] = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            given[key] = text
    return given


def _said(path: Path, problem: Problem, given: Mapping[str, Any], policy: str) -> str:
    key = ".".join(str(part) for part in path)
    told = f"--set {key}={given.get(key)}:"
    if not problem.message.startswith("unknown key"):
        return f"{told} {problem.message}"
    known = ", ".join(one for one in problem.allowed.split(", ") if one != "name") or "none"
    hint = f"; did you mean {problem.suggestion!r}?" if problem.suggestion else ""
    return f"{told} no parameter of {policy}; it has {known}{hint}"
