"""What a pydantic model allows at each key: tables, choices of tables, lists, values with ranges.

Pydantic validates; this reads the same annotations to tell a reader what would be allowed, where a
key leads, and which keys there are.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Union, get_args, get_origin, runtime_checkable

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo


@runtime_checkable
class NamedChoice(Protocol):
    """Annotation metadata of a table whose `tag` names, in a registry, the model of its other keys.

    What carries this is also a pydantic validator that applies the chosen model.
    """

    tag: str

    def names(self) -> tuple[str, ...]:
        """All names that the tag may have."""

    def model(self, name: str) -> type[BaseModel]:
        """The model of the table of that name."""


@dataclass(frozen=True, slots=True)
class Value:
    """A single value."""

    types: tuple[type, ...] = ()  # none: anything
    choices: tuple[Any, ...] = ()  # of a Literal or an Enum, as in TOML
    minimum: Any = None
    maximum: Any = None
    above: Any = None  # exclusive minimum
    below: Any = None  # exclusive maximum


@dataclass(frozen=True, slots=True)
class Table:
    """The keys of a model."""

    model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class TaggedTable:
    """One of several models, chosen by the key `tag`."""

    tag: str
    models: dict[str, type[BaseModel]]


@dataclass(frozen=True, slots=True)
class NamedTable:
    """One of the models of a registry, chosen by a key."""

    choice: NamedChoice


@dataclass(frozen=True, slots=True)
class Items:
    """A list; fixed places of a tuple differ, otherwise one shape holds for all."""

    container: type
    shapes: tuple[Shape, ...]
    repeated: bool
    at_least: int | None = None
    at_most: int | None = None

    def item(self, index: int) -> Shape:
        """The shape of one entry."""
        return self.shapes[0 if self.repeated else min(index, len(self.shapes) - 1)]


@dataclass(frozen=True, slots=True)
class Entries:
    """A table with free keys."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Either:
    """Any of several shapes."""

    members: tuple[Shape, ...]


Shape = Value | Table | TaggedTable | NamedTable | Items | Entries | Either

_CONTAINERS: dict[Any, type] = {
    list: list,
    Sequence: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
}


def shape_of(annotation: Any, metadata: Sequence[Any] = ()) -> Shape:
    """The shape that an annotation allows.

    Args:
        annotation: a type as written in a pydantic model; `None` in a union is left out, as TOML
            has no such value.
        metadata: what `Annotated` or the field adds to it.
    """
    annotation = getattr(annotation, "__value__", annotation)  # a `type` alias
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return shape_of(inner, [*_flat(more), *metadata])
    for one in metadata:
        if isinstance(one, NamedChoice):
            return NamedTable(one)
    arguments = get_args(annotation)
    if origin in {Union, types.UnionType}:
        return _union([one for one in arguments if one is not type(None)], metadata)
    if origin is Literal:
        return Value(types=tuple({type(one): None for one in arguments}), choices=arguments)
    container = _CONTAINERS.get(origin or annotation)
    if container is not None:
        return _items(container, arguments, metadata)
    if origin in {dict, Mapping} or annotation is dict:
        return Entries(shape_of(arguments[1]) if arguments else Value())
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Table(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Value(types=(annotation,), choices=tuple(one.value for one in annotation))
    if isinstance(annotation, type) and annotation not in {object, Any}:
        return _bounded(Value(types=(annotation,)), metadata)
    return Value()


def field_shape(field: FieldInfo) -> Shape:
    """The shape that a model's field allows."""
    tag = [_Tag(field.discriminator)] if isinstance(field.discriminator, str) else []
    return shape_of(field.annotation, [*field.metadata, *tag])


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the key that TOML has for them."""
    return {
        alias if isinstance(alias := field.validation_alias or field.alias, str) else name: field
        for name, field in model.model_fields.items()
    }


@cache
def _shapes(model: type[BaseModel]) -> dict[str, Shape]:
    """The shapes of a model's fields by key; a study asks for them a thousand times."""
    return {key: field_shape(field) for key, field in fields_of(model).items()}


def table_model(shape: Shape | None, data: Any) -> type[BaseModel] | None:
    """The model of a table, chosen by its tag where there is a choice; None where there is none."""
    if isinstance(shape, Table):
        return shape.model
    tag = data.get(shape.tag) if isinstance(shape, TaggedTable) and isinstance(data, dict) else None
    if isinstance(shape, TaggedTable) and isinstance(tag, str):
        return shape.models.get(tag)
    if isinstance(shape, NamedTable) and isinstance(data, dict):
        name = data.get(shape.choice.tag)
        if isinstance(name, str) and name in shape.choice.names():
            return shape.choice.model(name)
    if isinstance(shape, Either):
        models = [model for one in shape.members if (model := table_model(one, data))]
        return models[0] if len(models) == 1 else None
    return None


def child(shape: Shape | None, data: Any, part: str | int) -> Shape | None:
    """The shape under one key or index; None where nothing is known of it."""
    if isinstance(shape, Either):
        found = (child(one, data, part) for one in shape.members)
        return next((one for one in found if one is not None), None)
    if isinstance(shape, Items):
        return shape.item(part) if isinstance(part, int) else None
    if isinstance(shape, Entries):
        return shape.value
    model = table_model(shape, data)
    return _shapes(model).get(str(part)) if model is not None else None


def known_keys(shape: Shape | None, data: Any, prefix: tuple[str, ...] = ()) -> Iterator[str]:
    """The dotted keys that are allowed, with the choices that `data` has made."""
    if isinstance(shape, Items) and isinstance(data, (list, tuple)):
        for index, one in enumerate(data):
            yield from known_keys(shape.item(index), one, (*prefix, str(index)))
        return
    model = table_model(shape, data)
    if model is None:
        if prefix:
            yield ".".join(prefix)
        return
    for key, field in fields_of(model).items():
        inner = data.get(key, _default(field)) if isinstance(data, dict) else _default(field)
        yield from known_keys(field_shape(field), inner, (*prefix, key))


def text_of(shape: Shape | None) -> str:
    """What a shape allows, in words: `a number from 0 to 0.5`."""
    match shape:
        case Value(choices=choices) if choices:
            return choices_text(choices)
        case Value():
            return _value_words(shape)
        case Items():
            return _items_words(shape)
        case Either(members=members):
            words = [text_of(one) for one in members]
            return f"{', '.join(words[:-1])} or {words[-1]}"
        case TaggedTable() | NamedTable():
            tag, names = tag_and_names(shape)
            return f"a table whose {tag} is {choices_text(names)}"
        case Table() | Entries():
            return "a table"
    return "a value"


def tag_and_names(shape: TaggedTable | NamedTable) -> tuple[str, tuple[str, ...]]:
    """The key that chooses a table's model, and the choices."""
    if isinstance(shape, TaggedTable):
        return shape.tag, tuple(shape.models)
    return shape.choice.tag, shape.choice.names()


def choices_text(choices: Sequence[Any]) -> str:
    """Choices as TOML would have them."""
    words = [f'"{one}"' if isinstance(one, str) else str(one).lower() for one in choices]
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}"


def kind_of(data: Any) -> str:
    """What a value from TOML is, in words."""
    match data:
        case bool():
            return "true" if data else "false"
        case str():
            return "text"
        case int():
            return "a whole number"
        case float():
            return "a decimal number" if data.is_integer() else "a number with a fraction"
        case Mapping():
            return "a table"
        case list() | tuple():
            return "a list"
    return "a date or time"


@dataclass(frozen=True, slots=True)
class _Tag:
    """The discriminator of a union."""

    name: str


_TYPE_WORDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path, as text",
    dt.datetime: "a date with a time",
    dt.date: "a date",
    dt.time: "a time of day",
}

_LIMITS = (
    (annotated_types.Ge, "minimum", "ge"),
    (annotated_types.Le, "maximum", "le"),
    (annotated_types.Gt, "above", "gt"),
    (annotated_types.Lt, "below", "lt"),
)


def _flat(metadata: Sequence[Any]) -> list[Any]:
    """Metadata, with that of `Field(...)` inside `Annotated` laid open."""
    flat: list[Any] = []
    for one in metadata:
        if isinstance(one, FieldInfo):
            flat += one.metadata
            if isinstance(one.discriminator, str):
                flat.append(_Tag(one.discriminator))
        elif isinstance(one, annotated_types.GroupedMetadata):
            flat += list(one)
        else:
            flat.append(one)
    return flat


def _union(members: list[Any], metadata: Sequence[Any]) -> Shape:
    tag = next((one.name for one in metadata if isinstance(one, _Tag)), None)
    if tag is None or len(members) == 1:
        shapes = tuple(shape_of(one, metadata) for one in members)
        return shapes[0] if len(shapes) == 1 else Either(shapes)
    models: dict[str, type[BaseModel]] = {}
    for member in members:
        inner = shape_of(member)
        if isinstance(inner, Table):
            chosen = field_shape(inner.model.model_fields[tag])
            models |= dict.fromkeys(getattr(chosen, "choices", ()), inner.model)
        elif isinstance(inner, TaggedTable):
            models |= inner.models
    return TaggedTable(tag, models)


def _items(container: type, arguments: tuple[Any, ...], metadata: Sequence[Any]) -> Items:
    shortest = [one.min_length for one in metadata if isinstance(one, annotated_types.MinLen)]
    longest = [one.max_length for one in metadata if isinstance(one, annotated_types.MaxLen)]
    repeated = container is not tuple or not arguments or arguments[-1] is Ellipsis
    kinds = [one for one in arguments if one is not Ellipsis] or [Any]
    return Items(
        container,
        tuple(shape_of(one) for one in kinds),
        repeated,
        max(shortest, default=None if repeated else len(kinds)),
        min(longest, default=None if repeated else len(kinds)),
    )


def _bounded(value: Value, metadata: Sequence[Any]) -> Value:
    limits = {
        name: getattr(one, attribute)
        for one in metadata
        for kind, name, attribute in _LIMITS
        if isinstance(one, kind)
    }
    return dataclasses.replace(value, **limits)


def _value_words(value: Value) -> str:
    if not value.types:
        return "a value"
    words = " or ".join(_TYPE_WORDS.get(one, f"a {one.__name__}") for one in value.types)
    if value.minimum is not None and value.maximum is not None:
        return f"{words} from {number(value.minimum)} to {number(value.maximum)}"
    limits = (
        ("at least", value.minimum),
        ("above", value.above),
        ("below", value.below),
        ("at most", value.maximum),
    )
    bounds = [f"{word} {number(limit)}" for word, limit in limits if limit is not None]
    return f"{words}, {' and '.join(bounds)}" if bounds else words


def _items_words(items: Items) -> str:
    low, high = items.at_least, items.at_most
    if low is not None and low == high:
        return f"a list of {low}: {', '.join(text_of(one) for one in items.shapes)}"
    words = f"a list; each entry {text_of(items.shapes[0])}"
    bounds = [f"at least {low}" if low else "", f"at most {high}" if high is not None else ""]
    told = " and ".join(one for one in bounds if one)
    return f"{words}; {told} entries" if told else words


def number(value: Any) -> str:
    """A limit as a person writes it: 0.5, 1, 1000000000000."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value)


def _default(field: FieldInfo) -> Any:
    """The default of a table, for the choices that it makes."""
    default = field.get_default(call_default_factory=False)
    return default if isinstance(default, dict) else {}
