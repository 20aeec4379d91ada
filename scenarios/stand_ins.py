"""Something allowed in the place of what is wrong, so that validation comes to what lies behind it.

Pydantic checks a table as a whole only when each of its fields is right; a reader wants to hear of
both at once.
"""

from __future__ import annotations

from typing import Any

from scenarios.shape import (
    Either,
    Entries,
    Items,
    NamedTable,
    Shape,
    Table,
    TaggedTable,
    Value,
    child,
    field_shape,
    fields_of,
    table_model,
    tag_and_names,
)
from scenarios.toml_lines import Path


def put_stand_in(data: dict[str, Any], root: Shape, path: Path) -> Path | None:
    """Take out what stands at a path, or put something allowed there.

    Args:
        data: a scenario's data; changed.
        root: the shape of the whole.
        path: what is wrong: a value, an unknown key, a missing one, the tag of a table.

    Returns:
        The path of what is no longer the user's: the path itself, or that of the whole table where
        its tag is wrong; None where nothing can be done.
    """
    shapes: list[Shape | None] = [root]
    nodes: list[Any] = [data]
    for part in path:
        shapes.append(child(shapes[-1], nodes[-1], part))
        try:
            nodes.append(nodes[-1][part])
        except (KeyError, IndexError, TypeError):
            nodes.append(None)
    for length in range(len(path), 0, -1):
        shape, node, part = shapes[length - 1], nodes[length - 1], path[length - 1]
        if isinstance(shape, (TaggedTable, NamedTable)) and part == tag_and_names(shape)[0]:
            continue  # the tag decides what the other keys mean: replace the whole table
        if isinstance(node, dict) and _can_do_without(shape, node, str(part)):
            node.pop(part, None)
            return path[:length]
        within = child(shape, node, part)
        if within is not None and _has_place(node, part):
            node[part] = stand_in(within)
            return path[:length]
    return None


def stand_in(shape: Shape | None) -> Any:
    """Some data that a shape allows; bounds are kept, patterns and validators of one's own not."""
    match shape:
        case Value(choices=(first, *_)):
            return first
        case Value(types=types):
            return _within_bounds(shape, types[0] if types else int)
        case Items(at_least=at_least):
            return [stand_in(shape.item(index)) for index in range(at_least or 0)]
        case Table(model=model):
            required = {key: one for key, one in fields_of(model).items() if one.is_required()}
            return {key: stand_in(field_shape(one)) for key, one in required.items()}
        case TaggedTable(tag=tag, models=models):
            name = min(models, key=lambda one: sum(f.is_required() for f in _fields(models[one])))
            return stand_in(Table(models[name])) | {tag: name}
        case NamedTable(choice=choice):
            return {choice.tag: choice.names()[0]}
        case Either(members=(first, *_)):
            return stand_in(first)
    return {}


def _fields(model: Any) -> list[Any]:
    return list(fields_of(model).values())


def _can_do_without(shape: Shape | None, node: dict[str, Any], key: str) -> bool:
    """Whether a table's key is unknown, free or has a default."""
    if isinstance(shape, Entries):
        return True
    model = table_model(shape, node)
    field = fields_of(model).get(key) if model is not None else None
    return model is not None and (field is None or not field.is_required())


def _has_place(node: Any, part: str | int) -> bool:
    return isinstance(node, dict) or (isinstance(node, list) and part in range(len(node)))


def _within_bounds(value: Value, kind: type) -> Any:
    if kind is bool:
        return False
    if not issubclass(kind, (int, float)):
        return "x"
    if value.minimum is not None:
        return kind(value.minimum)
    if value.maximum is not None:
        return kind(value.maximum)
    if value.above is not None and value.below is not None:
        return kind((value.above + value.below) / 2)
    if value.below is not None:
        return kind(value.below - 1)
    return kind(0 if value.above is None else value.above + 1)
