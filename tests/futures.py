"""Markets that are saved and loaded in the middle, beside the same ones that never were."""

import hashlib
import json
from collections.abc import Sequence

from quiet_markets import SELDOM

from experiments.run_folder import TABLES
from experiments.running import resolve
from scenarios.build import build
from sim.market import Marketplace
from sim.state import decode, encode

SMALL = (
    "roads.network=grid",
    "commerce.generated.listings=150",
    "commerce.generated.merchants=25",
    "commerce.generated.categories=4",
    "consumers.count=300",
    "delivery.addresses=60",
    SELDOM,
)


def founded(scenario: str, overrides: Sequence[str] = ()) -> Marketplace:
    """A market on the eve of its first day."""
    resolved, folder = resolve(scenario, overrides=overrides)
    return build(resolved, folder=folder)


def live(market: Marketplace, days: int) -> Marketplace:
    """The market after some days."""
    for _ in range(days):
        market.step()
    return market


def loaded(market: Marketplace) -> Marketplace:
    """What is loaded of a market that is saved, from bytes alone."""
    state = encode(market, "market")
    tree, blocks = json.dumps(state.tree), [block.tobytes() for block in state.blocks]
    again = decode(json.loads(tree), [memoryview(block) for block in blocks])
    assert isinstance(again, Marketplace)
    return again


def state_of(market: Marketplace) -> str:
    """A digest of all that a market is."""
    state = encode(market, "market")
    digest = hashlib.sha256(json.dumps(state.tree).encode())
    for block in state.blocks:
        digest.update(block.tobytes())
    return digest.hexdigest()


def assert_same(first: Marketplace, second: Marketplace) -> None:
    """Two markets are the same: events, ledger, indicators, and everything else they hold."""
    assert first.health.values().tobytes() == second.health.values().tobytes()
    assert first.ledger.balance.tobytes() == second.ledger.balance.tobytes()
    tables = {name: (getattr(first, name), getattr(second, name)) for name in TABLES}
    tables["transfers"] = first.ledger.transfers, second.ledger.transfers
    for name, (one, other) in tables.items():
        for column, values in one.to_dict().items():
            assert values.tobytes() == other[column].tobytes(), f"{name}.{column}"
    assert state_of(first) == state_of(second)
