"""A case of a setting that is felt, and how several are written at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A market, a key of it, and another value of that key."""

    key: str
    value: str
    world: tuple[str, ...] = ()
    days: int = 3
    when: str = ""  # the choice for which the key exists, as `scenarios.fields` tells it
    sets: str = ""  # what is set, where it is not the key itself


def of(prefix: str, values: dict[str, str], world: tuple[str, ...] = (), **more: int) -> list[Case]:
    return [Case(f"{prefix}.{name}", value, world, **more) for name, value in values.items()]


def of_policy(
    family: str, name: str, values: dict[str, str], world: tuple[str, ...] = (), days: int = 3
) -> list[Case]:
    when = f'name = "{name}"'
    return [
        Case(f"policies.{family}.{key}", value, world, days, when) for key, value in values.items()
    ]
