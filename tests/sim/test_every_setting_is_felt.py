"""Every setting and every policy parameter changes something, in a world where it matters.

A case (`tests/felt_cases`, by theme) is a small market and another value of one key; a new key
without a case fails.
"""

from functools import cache
from typing import get_args

import numpy as np
import pytest
from felt_cases import CASES
from felt_cases.case import Case

from experiments.running import resolve
from policies import registry
from policies.protocols import BY_NAME
from scenarios.build import build
from scenarios.fields import fields
from scenarios.schema import Scenario
from sim.health.index import composite_index
from sim.settings.events import Event

EVENT_KINDS = [
    str(get_args(kind.model_fields["kind"].annotation)[0]) for kind in get_args(get_args(Event)[0])
]

FELT_BY_NOBODY = {
    ("name", ""),
    ("title", ""),
    ("description", ""),
    ("roads.attribution", ""),
    ("roads.traffic.trips", ""),  # names a file; `tests/sim/roads` reads such
    ("roads.coordinates", ""),  # of a GraphML file; `tests/scenarios` reads such
    ("commerce.population.groups[].name", ""),
    ("couriers.vehicles[].name", ""),
    ("commerce.imported", ""),  # names a folder; `tests/scenarios/commerce` reads such
    ("policies.subsidy.campaigns[].title", 'name = "campaigns"'),
    ("policies.rules.subsidy_limit.launch_days", ""),  # no category opens after the first day
    *(("events[].label", f'kind = "{kind}"') for kind in EVENT_KINDS),
}
"""Keys by which readers call things, and such as have a single value here."""

TABLES = (
    "orders",
    "deliveries",
    "shifts",
    "reviews",
    "complaints",
    "returns",
    "sanctions",
    "findings",
    "turnover",
    "learning",
)

SMALL = (
    "roads.rows=5",
    "roads.columns=5",
    "commerce.generated.listings=60",
    "commerce.generated.merchants=12",
    "commerce.generated.categories=3",
    "consumers.count=150",
    "consumers.response.community=40",
    "couriers.count=4",
    "delivery.addresses=15",
    "policies.dispatch.decide_every=20.0",  # of all that such a market does, deciding costs most
    "merchants.misconduct.counterfeit_share=0.0",
    "merchants.misconduct.fake_list_price_share=0.0",
    "merchants.misconduct.bait_share=0.0",
    "merchants.misconduct.bought_review_share=0.0",
    "merchants.misconduct.below_cost_share=0.0",
    'policies.subsidy.name="none"',
    'policies.price_regulation.name="none"',
    "policies.rules={}",
    'policies.privacy.name="keep_all"',
    "events=[]",
)


@cache
def outcome(world: tuple[str, ...], days: int) -> tuple[object, ...]:
    """All that a market leaves after some days: indicators, tables, titles and balances."""
    scenario, folder = resolve("tiny", overrides=(*SMALL, f"days={days}", *world))
    market = build(scenario, folder=folder)
    for _ in range(scenario.days):
        market.step()
    tables = [
        getattr(market, name).to_dict()[column]
        for name in TABLES
        for column in getattr(market, name).to_dict()
    ]
    index = composite_index(market.health.latest(), scenario.health.index).value
    arrays = [market.health.values(), index, market.ledger.balance, market.crowd.trust, *tables]
    keys = [market.log.view().visitor]
    return (tuple(market.titles), *(np.asarray(array).tobytes() for array in (*arrays, *keys)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.key} {case.when}".strip())
def test_another_value_changes_the_market(case: Case) -> None:
    changed = (*case.world, f"{case.sets or case.key}={case.value}")
    assert outcome(changed, case.days) != outcome(case.world, case.days)


def test_every_key_has_a_case() -> None:
    keys = {(one.key, one.when) for one in fields(Scenario)}
    named = {
        (f"policies.{table}.{name}.{parameter}", "")
        for family, table in BY_NAME.items()
        for name in registry.names(family)
        for parameter in registry.find(family, name).Params.model_fields
        if parameter != "name"
    }
    assert {(case.key, case.when) for case in CASES} == (keys | named) - FELT_BY_NOBODY
