"""Mesa's part of a state: who the agents are, in which order, and the model's own chance.

All else that Mesa keeps of a model, its clock and its sets of agents, is made anew by Mesa itself,
so that a state does not depend on how a version of Mesa keeps it. Weal counts its days itself.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import mesa

_KEPT = ("rng", "random")


def is_model(thing: Any) -> bool:
    """Whether something is a Mesa model."""
    return isinstance(thing, mesa.Model)


def parts_of(model: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What Mesa holds of a model that a state keeps, and the model's own attributes."""
    registry: dict[str, Any] = {name: getattr(model, name) for name in _KEPT}
    registry["agents"] = list(model.agents)
    registry["next"] = _next_id(model)
    own = {name: one for name, one in vars(model).items() if name not in _of_mesa()}
    return registry, own


def found_again(model: Any, registry: dict[str, Any]) -> None:
    """Make a model, whose attributes are set, one that Mesa knows, with its agents registered.

    Args:
        model: an object of the model's class.
        registry: as `parts_of` gave it.
    """
    mesa.Model.__init__(model, rng=0)
    for name in _KEPT:
        setattr(model, name, registry[name])
    model.agents.random = model.random
    for agent in registry["agents"]:
        number = agent.unique_id
        model.register_agent(agent)
        agent.unique_id = number  # newer versions of Mesa give one when an agent is registered
    _set_next_id(model, registry["next"])


def _next_id(model: Any) -> int:
    if hasattr(model, "agent_id_counter"):
        return int(model.agent_id_counter)
    number = next(_counters()[model])
    _counters()[model] = itertools.count(number)
    return int(number)


def _set_next_id(model: Any, number: int) -> None:
    if hasattr(model, "agent_id_counter"):
        model.agent_id_counter = number
    else:
        _counters()[model] = itertools.count(number)


def _counters() -> Any:
    """The counters of agents by model, which Mesa 3.3 keeps in its class of agents."""
    return getattr(mesa.Agent, "_ids")  # noqa: B009 - there is no public way


@cache
def _of_mesa() -> frozenset[str]:
    """The attributes that Mesa gives every model."""
    return frozenset(vars(mesa.Model(rng=0)))
