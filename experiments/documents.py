"""The documents whose tables come from the code: the ODD protocol, the glossary and others.

`python -m experiments.documents` writes them; a test fails where the committed files are not what
the code says.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from experiments.studies.schema import Study
from policies import registry
from policies.protocols import FAMILIES
from scenarios.fields import REQUIRED, FieldSpec, fields
from scenarios.schema import Scenario
from sim import columns, event_tables
from sim.health import INDICATORS
from sim.market import PHASES

DOCS = Path(__file__).resolve().parent.parent / "docs"

_MARK = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def current(text: str) -> str:
    """A document with each generated part made anew.

    Args:
        text: Markdown with parts between `<!-- generated: NAME -->` and `<!-- end -->`.

    Raises:
        KeyError: if a part has a name that nothing generates.
    """
    return _MARK.sub(lambda match: f"{match[1]}\n{PARTS[match['name']]()}\n{match[3]}", text)


def documents() -> list[Path]:
    """The documents that have generated parts."""
    return [path for path in sorted(DOCS.glob("*.md")) if _MARK.search(path.read_text("utf-8"))]


def state_variables() -> str:
    """Columns of consumers, listings and merchants, from their dataclasses' own comments."""
    return "\n\n".join(
        f"**{name}**\n\n" + _table(("variable", "type", "meaning"), _columns(name))
        for name in ("Consumers", "Listings", "MerchantBooks")
    )


def event_columns() -> str:
    """Columns of the tables of events that a run leaves."""
    parts = []
    for name, schema in vars(event_tables).items():
        if name.isupper() and isinstance(schema, dict):
            rows = [
                (key, column.unit, column.meaning + ("; hidden truth" if column.hidden else ""))
                for key, column in schema.items()
            ]
            parts.append(f"**{name.lower()}**\n\n" + _table(("column", "unit", "meaning"), rows))
    return "\n\n".join(parts)


def schedule() -> str:
    """The phases of a day, with what each does and the order in which agents act."""
    rows = []
    for number, (name, phase) in enumerate(PHASES, start=1):
        module = sys.modules[phase.__module__]
        rows.append((str(number), name, _first_line(phase), _activation(module), module.__name__))
    return _table(("", "phase", "what happens", "activation", "module"), rows)


def parameters() -> str:
    """Every field that a scenario may set, policies' parameters apart."""
    own = [one for one in fields(Scenario) if not one.key.startswith("policies.")]
    return _table(("key", "allowed", "default", "meaning"), [_parameter(one) for one in own])


def study_keys() -> str:
    """Every field that a study may set."""
    rows = [_parameter(one) for one in fields(Study)]
    return _table(("key", "allowed", "default", "meaning"), rows)


def policies() -> str:
    """Every policy with its parameters."""
    parts = []
    for family in FAMILIES:
        for name in registry.names(family):
            policy = registry.find(family, name)
            rows = [_parameter(one) for one in fields(policy.Params) if one.key != "name"]
            table = _table(("parameter", "allowed", "default", "meaning"), rows) if rows else ""
            parts.append(f"**{family}: {name}**. {_first_line(policy)}\n\n{table}".rstrip())
    return "\n\n".join(parts)


def rules() -> str:
    """Every rule that the regulator can inspect for: what it finds, and the source it names."""
    rows = [
        (f"`{name}`", _first_line(policy), _source(policy))
        for name in registry.names("rule")
        for policy in (registry.find("rule", name),)
    ]
    return _table(("rule", "what it finds", "source"), rows)


def indicators() -> str:
    """Every indicator of health."""
    rows = [
        (one.name, one.dimension, one.unit, one.better, one.formula, one.source)
        for one in INDICATORS
    ]
    return _table(("indicator", "dimension", "unit", "better", "formula", "source"), rows)


PARTS = {
    "state-variables": state_variables,
    "event-columns": event_columns,
    "schedule": schedule,
    "parameters": parameters,
    "study-keys": study_keys,
    "policies": policies,
    "rules": rules,
    "indicators": indicators,
}


def _columns(name: str) -> list[tuple[str, str, str]]:
    """Fields of a dataclass of `sim.columns` with the comments that stand behind them."""
    source = inspect.getsource(columns)
    lines = source.splitlines()
    tree = ast.parse(source)
    node = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    rows = []
    for field in node.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            comment = lines[field.lineno - 1].partition("#")[2].strip()
            rows.append((field.target.id, ast.unparse(field.annotation), comment))
    return rows


def _parameter(field: FieldSpec) -> tuple[str, str, str, str]:
    default = "must be given" if field.default is REQUIRED else _shown(field.default)
    when = f" (where {field.when})" if field.when else ""
    return f"`{field.key}`{when}", field.allowed, default, field.description


def _shown(value: Any) -> str:
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if not text:
        return "empty"
    return f"`{text}`" if len(text) <= 60 else "see the schema"


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _source(thing: object) -> str:
    """What a docstring names behind "Source:", in one line."""
    told = (inspect.getdoc(thing) or "").partition("Source:")[2].partition("\n\n")[0]
    return " ".join(told.split()).rstrip(".")


def _activation(module: ModuleType) -> str:
    """The sentence of a module's docstring that states its activation rule."""
    text = " ".join((module.__doc__ or "").split())
    match = re.search(r"Activation: ([^.]*)\.", text)
    return match[1] if match else "synchronous"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    """Write all documents that have generated parts."""
    for path in documents():
        path.write_text(current(path.read_text("utf-8")), "utf-8")
        sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
