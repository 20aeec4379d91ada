"""What a run's folder keeps of its city: shops, places, and the roads between them.

nodes.parquet   corners, numbered by their rows; paths may only start and end at some
links.parquet   from node to node, with metres and minutes: the fastest paths can be found again
traffic.parquet of the last day, by period and link: minutes, vehicles and capacity; with traffic
places.parquet  where parcels are fetched and brought, each at a node
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.market import Marketplace
from sim.roads import RoadNetwork

MAP_TABLES = ("merchants", "places", "nodes", "links")
"""Tables of every run; one with traffic has `traffic` as well."""


def map_tables(market: Marketplace) -> dict[str, pa.Table]:
    """Merchants, places, nodes and links of a market: what a map shows."""
    network, books = market.network, market.books
    merchants = pa.table(
        {
            "merchant": np.arange(len(books), dtype=np.int32),
            "name": list(market.merchant_names),
            "size": books.size,
            "place": books.pickup,
            "strategy": [agent.strategy for agent in market.merchants],
            "misconduct": [",".join(sorted(agent.misconduct)) for agent in market.merchants],
            "opened_on": books.opened_on,
            "closed_on": books.closed_on,
        }
    )
    places = pa.table(
        {
            "place": np.arange(len(market.places), dtype=np.int32),
            "node": market.places.astype(np.int32),
            "x": network.x[market.places].astype(np.float32),
            "y": network.y[market.places].astype(np.float32),
        }
    )
    nodes = pa.table({"x": network.x, "y": network.y, "through": network.through})
    links = pa.table(
        {
            "tail": network.tail,
            "head": network.head,
            "metres": network.length_m,
            "minutes": network.minutes,
        }
    )
    tables = {"merchants": merchants, "places": places, "nodes": nodes, "links": links}
    traffic = _traffic(market)
    return tables if traffic is None else {**tables, "traffic": traffic}


def _traffic(market: Marketplace) -> pa.Table | None:
    """Minutes, vehicles an hour and capacities of the last day; None where it had no traffic."""
    traffic = None if market.driving is None else market.driving.traffic
    if traffic is None:
        return None
    begins = np.array(traffic.settings.periods, dtype=np.int8)
    links, periods = market.network.n_links, range(len(begins))
    rows = {
        "day": np.full(links * len(begins), market.day - 1, dtype=np.int32),
        "hour": np.repeat(begins, links),
        "until": np.repeat(np.append(begins[1:], 24).astype(np.int8), links),
        "link": np.tile(np.arange(links, dtype=np.int32), len(begins)),
        "minutes": np.concatenate([traffic.link_minutes(period) for period in periods]),
        "volume": np.concatenate([traffic.flow(period) for period in periods]).astype(np.float32),
        "capacity": np.tile(traffic.capacity().astype(np.float32), len(begins)),
    }
    return pa.table(rows)


def streets_of(nodes: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The lines that a map draws: both directions are one, and nodes of one corner one point.

    Args:
        nodes: with x and y, metres.
        links: with tail and head, rows of the nodes.

    Returns:
        A row a street, from (x0, y0) to (x1, y1), metres.
    """
    at = nodes[["x", "y"]].to_numpy(np.float32)
    tail, head = links["tail"].to_numpy(), links["head"].to_numpy()
    _, corner = np.unique(at, axis=0, return_inverse=True)
    ends = np.sort(np.stack([corner[tail], corner[head]], axis=1), axis=1)
    proper = np.flatnonzero(ends[:, 0] != ends[:, 1])
    _, first = np.unique(ends[proper], axis=0, return_index=True)
    once = proper[first]
    return pd.DataFrame(
        np.concatenate([at[tail[once]], at[head[once]]], axis=1), columns=["x0", "y0", "x1", "y1"]
    )


def roads_of(tables: Mapping[str, pd.DataFrame], name: str) -> RoadNetwork:
    """The road network of a run's tables, to find the fastest paths again.

    Args:
        tables: nodes and links.
        name: what errors call it.
    """
    nodes, links = tables["nodes"], tables["links"]
    minutes = links["minutes"].to_numpy(np.float64)
    return RoadNetwork(
        name=name,
        labels=np.arange(len(nodes)),
        x=nodes["x"].to_numpy(np.float64),
        y=nodes["y"].to_numpy(np.float64),
        tail=links["tail"].to_numpy(np.int32),
        head=links["head"].to_numpy(np.int32),
        length_m=links["metres"].to_numpy(np.float64),
        free_flow_minutes=minutes,
        minutes=minutes,
        is_open=np.ones(len(links), dtype=np.bool_),
        road_class=np.zeros(len(links), dtype=np.int16),
        class_names=("",),
        through=nodes["through"].to_numpy(np.bool_),
        crs="metres",
    )
