"""From a scenario to a market: streets, catalogue and consumers are read or made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenarios.schema import Scenario
from scenarios.streets import load_roads, read_demand
from sim.catalogue import Catalogue, Population
from sim.catalogue_generator import generate_catalogue
from sim.market import MarketInputs, Marketplace
from sim.population_generator import generate_population
from sim.streams import Streams


@dataclass(frozen=True, slots=True)
class Inputs:
    """A market's inputs and the hashes of the data they come from."""

    market: MarketInputs
    hashes: dict[str, str]  # content hash by kind of input


def build(
    scenario: Scenario, *, seed: int | None = None, folder: Path | None = None
) -> Marketplace:
    """Found the market of a scenario.

    Args:
        scenario: a validated scenario.
        seed: another seed than the scenario's.
        folder: where the scenario's file lies; its paths are relative to it.

    Returns:
        A market on the eve of day 0.

    Raises:
        sim.roads.RoadDataError: if the streets cannot be read.
        ValueError: if the commerce cannot be made.
    """
    chosen = scenario.seed if seed is None else seed
    inputs = read_inputs(scenario, seed=chosen, folder=folder)
    return Marketplace(scenario, inputs.market, chosen)


def read_inputs(scenario: Scenario, *, seed: int, folder: Path | None = None) -> Inputs:
    """Read or make what a scenario's market starts from."""
    network = load_roads(scenario.roads, folder)
    catalogue, population, reference, source = _commerce(scenario, Streams(seed), folder)
    hashes = {"roads": network.content_hash(), "commerce": source}
    demand = read_demand(scenario.roads, network, folder)
    if demand is not None:
        hashes["trips"] = demand.trips.content_hash()
    return Inputs(MarketInputs(network, catalogue, population, reference, demand), hashes)


def _commerce(
    scenario: Scenario, streams: Streams, folder: Path | None
) -> tuple[Catalogue, Population, NDArray[np.int64] | None, str]:
    commerce, count = scenario.commerce, scenario.consumers.count
    if commerce.source == "imported":
        from scenarios.commerce import library, store

        shop = store.load(library.find(commerce.imported, folder))
        rng = streams.generator("population")
        return shop.catalogue(), shop.population(count, rng), None, shop.content_hash()
    if commerce.source == "written":
        catalogue, reference = _written(scenario)
    else:
        catalogue = generate_catalogue(commerce.generated, streams.generator("catalogue"))
        reference = None
    population = generate_population(
        commerce.population, catalogue, count, streams.generator("population")
    )
    settings = f"{commerce.model_dump_json()}/{count}/{streams.seed}"
    return catalogue, population, reference, hashlib.sha256(settings.encode()).hexdigest()


def _written(scenario: Scenario) -> tuple[Catalogue, NDArray[np.int64]]:
    """A catalogue written out: `value` becomes appeal, so that V = (value - price) / scale."""
    written = scenario.commerce.written
    if written is None:
        raise ValueError("commerce.written: missing")
    rows = written.listings
    categories = tuple(dict.fromkeys(row.category for row in rows))
    merchants = tuple(dict.fromkeys(row.merchant for row in rows))
    scale = written.reference_price / scenario.commerce.population.price_sensitivity_median
    catalogue = Catalogue(
        title=tuple(row.title or row.merchant for row in rows),
        description=("",) * len(rows),
        category=np.array([categories.index(row.category) for row in rows], dtype=np.int32),
        category_names=categories,
        merchant=np.array([merchants.index(row.merchant) for row in rows], dtype=np.int32),
        merchant_names=merchants,
        price=np.array([round(row.price * 100) for row in rows], dtype=np.int64),
        unit_cost=np.array([round(row.unit_cost * 100) for row in rows], dtype=np.int64),
        quality=np.full(len(rows), 0.5),
        appeal=np.array([row.value / scale for row in rows]),
        attributes=np.ones((len(rows), 1), dtype=np.float32),
        image=None,
    )
    reference = np.full(len(categories), round(written.reference_price * 100), dtype=np.int64)
    return catalogue, reference
