"""Classes and functions by name: those of Weal, of registered policies and of loaded plug-ins.

A saved state names classes and never holds code. A name is looked up only in packages that are part
of the program anyway, in plug-ins that the user has loaded, and in a short list of other libraries'
records; objects are then made without calling anything of their class.
"""

from __future__ import annotations

import importlib
import sys
from types import FunctionType
from typing import Any

from policies.registry import packages, plugged
from sim.state.errors import StateError

OWN = frozenset({"models", "policies", "sim", "scenarios", "experiments"})
"""Packages of Weal."""

BUILT_IN: dict[str, type[Any]] = {
    one.__name__: one
    for one in (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple)
}

RECORDS = frozenset(
    {
        "bm25s:BM25",
        *(
            f"scipy.sparse._{form}:{form}_{kind}"
            for form in ("coo", "csc", "csr")
            for kind in ("array", "matrix")
        ),
    }
)
"""Other libraries' classes that are nothing but their attributes."""

BASES = frozenset({"abc", "builtins", "mesa", "pydantic", "torch", "typing"})
"""Packages of classes that ours may derive from, beside `RECORDS`' own."""

LAYERS = "torch.nn.modules."
"""Where PyTorch keeps the layers of networks."""


def name_of(thing: Any) -> str | None:
    """`module:qualified.name` of a class or function that a state may name; None for another."""
    module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    if isinstance(name, str) and BUILT_IN.get(name) is thing:
        return f"builtins:{name}"
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    told = f"{module}:{name}"
    if not _may_be_named(told):
        return None
    try:
        return told if find(told) is thing else None
    except StateError:
        return None


def find(name: str) -> Any:
    """The class or function of a name that `name_of` gave.

    Raises:
        StateError: if a state may not name it, or there is no such thing.
    """
    module, _, path = name.partition(":")
    if module == "builtins" and path in BUILT_IN:
        return BUILT_IN[path]
    if not _may_be_named(name):
        raise StateError(f"{name}: is of no package of Weal's, and of no plug-in that is loaded")
    if module not in _of_plugins():
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise StateError(f"{name}: {error}") from None
    thing: Any = sys.modules[module]
    for part in path.split("."):
        try:
            thing = vars(thing)[part]
        except (KeyError, TypeError):
            raise StateError(f"{name}: there is no such class or function") from None
    if isinstance(thing, staticmethod):
        thing = thing.__func__
    if not isinstance(thing, (type, FunctionType)):
        raise StateError(f"{name}: is neither a class nor a function")
    return thing


def find_class(name: str) -> type[Any]:
    """The class of a name that `name_of` gave.

    Raises:
        StateError: as `find`, or if it is no class.
    """
    found = find(name)
    if not isinstance(found, type):
        raise StateError(f"{name}: is no class")
    return found


def strange_base(kind: type[Any]) -> str:
    """The first class that a class derives from and that may hold more than attributes; or ""."""
    for base in kind.__mro__:
        module = base.__module__
        root = module.partition(".")[0]
        if f"{module}:{base.__qualname__}" in RECORDS:
            return ""
        known = root in OWN or root in packages() or module in _of_plugins() or root in BASES
        if not known or (root == "builtins" and base is not object):
            return f"{module}.{base.__qualname__}"
    return ""


def _may_be_named(name: str) -> bool:
    module = name.partition(":")[0]
    root = module.partition(".")[0]
    return (
        root in OWN
        or root in packages()
        or module in _of_plugins()
        or name in RECORDS
        or module.startswith(LAYERS)
    )


def _of_plugins() -> set[str]:
    """Modules of the plug-ins that are loaded."""
    return {policy.__module__ for policy in plugged().values()}
