"""Who won and who lost: by consumers' group and by merchants' size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.run_folder import RunData
from sim.event_tables import OrderStatus
from sim.ledger import Purpose

SIZES = ("small", "medium", "large")


def by_group(data: RunData) -> pd.DataFrame:
    """Orders, spending, subsidies, refunds and punctuality of each group of consumers."""
    orders = data.tables["orders"]
    subsidy = orders["unit_subsidy"].where(~orders["subsidy_to_seller"], 0) * orders["quantity"]
    frame = pd.DataFrame(
        {
            "group": orders["group"].map(dict(enumerate(data.texts["groups"]))),
            "orders": 1,
            "spent": (orders["unit_price"] * orders["quantity"] - subsidy) / 100.0,
            "subsidies": subsidy / 100.0,
            "refunded": orders["refunded"] / 100.0,
            "counterfeits": orders["counterfeit"].astype(int),
        }
    )
    done = orders["status"].isin([OrderStatus.DELIVERED, OrderStatus.REFUNDED])
    frame["on_time"] = (orders["closed"] <= orders["due"]).where(done)
    table = frame.groupby("group", sort=False).agg(
        orders=("orders", "sum"),
        spent=("spent", "sum"),
        subsidies=("subsidies", "sum"),
        refunded=("refunded", "sum"),
        counterfeits=("counterfeits", "sum"),
        on_time=("on_time", lambda column: float(column.dropna().astype(float).mean())),
    )
    wanted = [group for group in data.texts["groups"] if group in table.index]
    return table.loc[wanted].reset_index()


def by_size(data: RunData) -> pd.DataFrame:
    """Shops, revenue, exits and sanctions of small, medium and large merchants."""
    merchants, orders = data.tables["merchants"], data.tables["orders"]
    size_of = merchants.set_index("merchant")["size"]
    paid = orders[orders["status"] != OrderStatus.CANCELLED]
    value = paid["unit_price"] * paid["quantity"] - paid["commission"]
    revenue = value.groupby(paid["merchant"].map(size_of)).sum() / 100.0
    cost = (paid["unit_cost"] * paid["quantity"]).groupby(paid["merchant"].map(size_of)).sum() / 100
    sanctions = data.tables["sanctions"]["merchant"].map(size_of).value_counts()
    rows = []
    for size, label in enumerate(SIZES):
        own = merchants[merchants["size"] == size]
        founders = own[own["opened_on"] == 0]
        survive = float((founders["closed_on"] < 0).mean()) if len(founders) else float("nan")
        rows.append(
            {
                "size": label,
                "shops": len(own),
                "survive": survive,
                "revenue": float(revenue.get(size, 0.0)),
                "gross_profit": float(revenue.get(size, 0.0) - cost.get(size, 0.0)),
                "sanctions": int(sanctions.get(size, 0)),
            }
        )
    return pd.DataFrame(rows)


def money_flows(data: RunData) -> list[tuple[str, float]]:
    """Where money went over the run, in currency, by purpose, the largest first."""
    transfers = data.tables["transfers"]
    total = transfers.groupby("purpose")["amount"].sum() / 100.0
    names = {int(purpose): purpose.name.lower().replace("_", " ") for purpose in Purpose}
    flows = [
        (names[purpose], float(amount))
        for purpose, amount in zip(total.index.tolist(), total, strict=True)
    ]
    return sorted(flows, key=lambda flow: -flow[1])


def sanction_rows(data: RunData) -> list[dict[str, object]]:
    """Sanctions counted by who decided, by rule and by kind."""
    table = data.tables["sanctions"]
    if table.empty:
        return []
    rules = data.texts["rules"]
    grouped = table.assign(
        rule_name=[rules[number] for number in table["rule"]],
        who=np.where(table["issuer"] == 0, "regulator", "platform"),
        what=table["kind"].map({0: "remind", 1: "delist", 2: "fine"}),
    ).groupby(["who", "rule_name", "what"])
    return [
        {
            "who": who,
            "rule": str(rule).replace("_", " "),
            "what": what,
            "count": len(rows),
            "fines": float(rows["fine"].sum()) / 100.0,
            "wrongful": float(rows["wrongful"].mean()),
            "overturned": int(rows["overturned"].sum()),
        }
        for (who, rule, what), rows in grouped
    ]
