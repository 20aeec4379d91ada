"""The dispatch policy that a user names, with its parameters."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from experiments.dispatching.instance import Problem
from experiments.varying import VariationError
from policies.protocols import Dispatch
from policies.registry import find, make

STRONGEST = "local_search"


def choose(
    name: str | None, overrides: Sequence[str], problem: Problem
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
    if problem is Problem.PICKUP_AND_DELIVERY:
        given = getattr(kind, "parameters_for_vehicle_routing", dict)() | given
    try:
        params = kind.Params(name=kind.name, **given)
    except ValidationError as error:
        fields = sorted(set(kind.Params.model_fields) - {"name"})
        raise VariationError(
            "\n".join(_said(one, given, kind.name, fields) for one in error.errors())
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


def _said(error: ErrorDetails, given: Mapping[str, Any], policy: str, fields: Sequence[str]) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        near = get_close_matches(key, fields, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        known = ", ".join(fields) or "none"
        return f"--set {key}={given.get(key)}: no parameter of {policy}; it has {known}{hint}"
    message = error["msg"][:1].lower() + error["msg"][1:]
    return f"--set {key}={given.get(key)}: {message}"
