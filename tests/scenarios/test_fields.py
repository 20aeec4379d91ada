"""A schema tells its keys, ranges, defaults and choices."""

import pytest
from pydantic import BaseModel

from scenarios.fields import REQUIRED, FieldSpec, fields


@pytest.fixture
def specs(world: type[BaseModel]) -> dict[tuple[str, str], FieldSpec]:
    return {(spec.key, spec.when): spec for spec in fields(world)}


Specs = dict[tuple[str, str], FieldSpec]


def test_a_number_tells_its_range_default_and_sentence(specs: Specs) -> None:
    assert specs["consumers.count", ""] == FieldSpec(
        key="consumers.count",
        allowed="a whole number from 1 to 5000000",
        description="number of consumers",
        default=10_000,
        types=(int,),
        minimum=1,
        maximum=5_000_000,
    )


def test_the_default_is_that_of_the_whole_where_it_differs_from_the_tables_own(
    specs: Specs,
) -> None:
    assert specs["platform.commission", ""].default == 0.2


def test_what_must_be_given_has_no_default(specs: Specs) -> None:
    assert specs["title", ""].default is REQUIRED


def test_each_kind_of_entry_tells_its_own_keys(specs: Specs) -> None:
    assert specs["events[].kind", ""].choices == ("surge", "strike")
    assert specs["events[].share", 'kind = "strike"'].maximum == 1.0
    assert ("events[].share", 'kind = "surge"') not in specs


def test_each_name_of_a_registry_tells_its_own_parameters(specs: Specs) -> None:
    assert specs["policies.subsidy.name", ""].default == "none"
    assert specs["policies.subsidy.amount", 'name = "flat"'].maximum == 10.0
    assert specs["policies.subsidy.amount", 'name = "targeted"'].default == 2.0
    assert ("policies.subsidy.name", 'name = "flat"') not in specs


def test_lists_free_keys_and_unions_are_told_in_words(specs: Specs) -> None:
    assert specs["shops[].prices", ""].allowed == (
        "a list; each entry a number, at least 0; at most 3 entries"
    )
    assert specs["weights", ""].allowed == "a table"
    assert specs["platform.cap", ""].allowed == 'a number from 0 to 9 or "auto"'
