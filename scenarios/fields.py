"""The fields of a schema, for lists, documents, the glossary and sliders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from scenarios.shape import (
    Either,
    Entries,
    Items,
    NamedTable,
    Shape,
    Table,
    TaggedTable,
    Value,
    field_shape,
    fields_of,
    tag_and_names,
    text_of,
)


class _Required:
    """Stands for the default of what has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()
"""The default of a field that must be given."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One key that a scenario may set."""

    key: str  # dotted; `events[].day` for the entries of a list, `weights.<name>` for free keys
    allowed: str  # in words: "a number from 0 to 1"
    description: str  # one sentence, with the unit
    default: Any  # as a model holds it; REQUIRED: there is none; None: absent
    types: tuple[type, ...] = ()  # of a single value
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    when: str = ""  # 'kind = "demand_surge"', where the key exists for that choice only


def fields(model: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """All keys that a model allows, in the order of its fields.

    Tables that are chosen by a tag or by a name give the keys of every choice; the models of all
    names are loaded for that.
    """
    return tuple(_of_shape(Table(model), "", REQUIRED, ""))


def _of_shape(shape: Shape, key: str, default: Any, description: str) -> Iterator[FieldSpec]:
    match shape:
        case Table(model=model):
            for name, field in fields_of(model).items():
                inner = _inner_default(field, name, default)
                yield from _of_shape(
                    field_shape(field), _join(key, name), inner, field.description or ""
                )
        case TaggedTable() | NamedTable():
            yield from _of_choice(shape, key, default)
        case Items(shapes=(inner, *_), repeated=True) if _has_keys(inner):
            yield from _of_shape(inner, f"{key}[]", REQUIRED, description)
        case Entries(value=inner) if _has_keys(inner):
            yield from _of_shape(inner, _join(key, "<name>"), REQUIRED, description)
        case Either(members=members) if any(_has_keys(one) for one in members):
            for one in members:
                yield from _of_shape(one, key, default, description)
        case Value():
            yield _of_value(shape, key, default, description)
        case _:
            yield FieldSpec(key, text_of(shape), description, default)


def _of_choice(shape: TaggedTable | NamedTable, key: str, default: Any) -> Iterator[FieldSpec]:
    """The tag, and the keys of every choice but the tag."""
    tag, names = tag_and_names(shape)
    models = [
        shape.models[name] if isinstance(shape, TaggedTable) else shape.choice.model(name)
        for name in names
    ]
    described = {fields_of(model)[tag].description or "" for model in models}
    chosen = _value_in(default, tag)
    yield FieldSpec(
        _join(key, tag),
        text_of(Value(choices=names)),
        described.pop() if len(described) == 1 else "which one it is",
        chosen,
        (str,),
        names,
    )
    for name, model in zip(names, models, strict=True):
        start = default if chosen == name else REQUIRED
        for spec in _of_shape(Table(model), key, start, ""):
            if spec.key != _join(key, tag):
                yield replace(spec, when=spec.when or f'{tag} = "{name}"')


def _of_value(value: Value, key: str, default: Any, description: str) -> FieldSpec:
    low = value.minimum if value.minimum is not None else value.above
    high = value.maximum if value.maximum is not None else value.below
    return FieldSpec(
        key, text_of(value), description, default, value.types, value.choices, low, high
    )


def _inner_default(field: FieldInfo, name: str, table: Any) -> Any:
    """A field's default, which that of the table around it may change."""
    of_table = _value_in(table, name)
    if of_table is not REQUIRED:
        return of_table
    own = field.get_default(call_default_factory=True)
    return REQUIRED if own is PydanticUndefined else own


def _value_in(table: Any, name: str) -> Any:
    if isinstance(table, Mapping):
        return table.get(name, REQUIRED)
    return getattr(table, name, REQUIRED)


def _has_keys(shape: Shape) -> bool:
    return isinstance(shape, (Table, TaggedTable, NamedTable))


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
