"""Who won and who lost: by consumers' group and by merchants' size.

What goes from the first days of a run to the last compares those that `experiments.headline.span`
says: a week where the run is long enough.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.headline import span
from experiments.run_folder import RunData
from sim.event_tables import OrderStatus
from sim.ledger import Purpose

SIZES = ("small", "medium", "large")

DECIDED_BY = ("regulator", "platform")
"""Issuers of sanctions, by their number."""

MEASURES = ("reminder", "taken off sale", "fine", "demoted", "shop closed", "restitution")
"""Kinds of sanctions, by their number."""

FLOWS = {
    Purpose.CAPITAL: "start-up capital of merchants and platform",
    Purpose.INCOME: "consumers' income",
    Purpose.PAYMENT: "consumers pay for goods",
    Purpose.DELIVERY_FEE: "consumers pay for delivery",
    Purpose.PAYOUT: "the platform pays merchants, after commission",
    Purpose.SELLER_SUBSIDY: "the platform subsidises merchants",
    Purpose.REFUND: "the platform refunds consumers",
    Purpose.CLAWBACK: "merchants make good the refunds that they caused",
    Purpose.STOCK: "merchants buy stock",
    Purpose.FIXED_COST: "merchants' rent and staff",
    Purpose.COURIER_PAY: "couriers' pay",
    Purpose.COURIER_SPENDING: "couriers' spending",
    Purpose.FINE: "fines paid, or paid back",
    Purpose.BOUGHT_REVIEW: "merchants buy reviews",
    Purpose.CLOSURE: "what closing merchants take out, or leave as debts",
    Purpose.POSTAGE: "postage",
    Purpose.OPERATION: "the platform's running costs",
    Purpose.RETURN_CREDIT: "merchants' credit for returned goods",
    Purpose.CAMPAIGN_SHARE: "merchants pay for campaigns of the platform",
    Purpose.RESTITUTION: "merchants pay back what buyers overpaid",
    Purpose.VEHICLE_COST: "fuel and wear of couriers' vehicles",
}
"""What payments are for, in words."""


ORDERED = ("orders", "spent", "subsidies", "counterfeits", "delivered", "on_time")
"""What is summed over the orders of a group of consumers."""

Sums = dict[int, dict[str, float]]
"""By number of a group or size: the columns' sums."""


def by_group(data: RunData) -> list[dict[str, Any]]:
    """A row a group of consumers: what a visit was worth, trust, and what became of orders.

    Returns:
        `surplus` (currency a visit) and `trust`, each in the first days and the last; shares of
        members who are still `active`, of orders that were `counterfeits`, of deliveries that came
        `on_time`; `orders`, `spent` and `subsidies` (currency) a member over the whole run.
    """
    first, last = _ends(data, "consumer_groups", "group")
    final = _last_day(data, "consumer_groups", "group")
    totals = _orders_by_group(data.tables["orders"])
    rows = []
    for group, name in enumerate(data.texts["groups"]):
        ends = (first[group], last[group])
        total = totals.get(group, dict.fromkeys(ORDERED, 0.0))
        members = final[group]["members"]
        rows.append(
            {
                "group": name,
                "members": int(members),
                "surplus": [_ratio(end["surplus"], 100 * end["visits"]) for end in ends],
                "trust": [end["trust"] for end in ends],
                "active": _ratio(final[group]["active"], members),
                "orders": _ratio(total["orders"], members),
                "spent": _ratio(total["spent"], 100 * members),
                "subsidies": _ratio(total["subsidies"], 100 * members),
                "counterfeits": _ratio(total["counterfeits"], total["orders"]),
                "on_time": _ratio(total["on_time"], total["delivered"]),
            }
        )
    return rows


def by_size(data: RunData) -> list[dict[str, Any]]:
    """A row a size of merchants: how many are in business, what they sell, what they earn.

    Returns:
        `open` merchants, `sales` as a share of all, `profit` (currency a shop and day), each in the
        first days and the last; `gave_up`, `entered` and `sanctions` over the whole run.
    """
    first, last = _ends(data, "merchant_sizes", "size")
    final = _last_day(data, "merchant_sizes", "size")
    merchants = data.tables["merchants"]
    size_of = merchants.set_index("merchant")["size"]
    sanctions = data.tables["sanctions"]["merchant"].map(size_of).value_counts()
    rows = []
    for size, label in enumerate(SIZES):
        own = merchants[merchants["size"] == size]
        ends = (first[size], last[size])
        rows.append(
            {
                "size": label,
                "open": (int((own["opened_on"] <= 0).sum()), int(final[size]["open"])),
                "gave_up": int((own["closed_on"] >= 0).sum()),
                "entered": int((own["opened_on"] > 0).sum()),
                "sales": [
                    _ratio(table[size]["sales"], sum(one["sales"] for one in table.values()))
                    for table in (first, last)
                ],
                "profit": [_ratio(end["profit"], 100 * end["open"]) for end in ends],
                "sanctions": int(sanctions.get(size, 0)),
            }
        )
    return rows


def money_flows(data: RunData) -> list[tuple[str, float]]:
    """Where money went over the run, in currency, by purpose, the largest first."""
    transfers = data.tables["transfers"]
    total = transfers.groupby("purpose")["amount"].sum() / 100.0
    flows = [(FLOWS[Purpose(purpose)], float(total[purpose])) for purpose in total.index.tolist()]
    return sorted(flows, key=lambda flow: -flow[1])


def sanction_rows(data: RunData) -> list[dict[str, Any]]:
    """Sanctions counted by who decided, by rule and by kind; fines in currency."""
    table = data.tables["sanctions"]
    if table.empty:
        return []
    rules = data.texts["rules"]
    named = table.assign(
        rule=[rules[number] for number in table["rule"]],
        issuer=[DECIDED_BY[number] for number in table["issuer"]],
        kind=[MEASURES[number] for number in table["kind"]],
    )
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
        for (who, rule, what), rows in named.groupby(["issuer", "rule", "kind"])
    ]


def _orders_by_group(orders: pd.DataFrame) -> Sums:
    """Orders, deliveries, and cents of each group that ordered."""
    subsidy = orders["unit_subsidy"] * orders["quantity"] + orders["fee_subsidy"]
    done = orders["status"].isin([OrderStatus.DELIVERED, OrderStatus.REFUNDED])
    done &= ~orders["spoiled"]
    columns = (
        np.ones(len(orders)),
        (orders["unit_price"] + orders["markup"] - orders["unit_subsidy"]) * orders["quantity"],
        subsidy,
        orders["counterfeit"],
        done,
        done & (orders["closed"] <= orders["due"]),
    )
    frame = pd.DataFrame(dict(zip(ORDERED, columns, strict=True)))
    return _rows(frame.groupby(orders["group"]).sum())


def _ends(data: RunData, name: str, key: str) -> tuple[Sums, Sums]:
    """Sums of a daily table over the first days and the last, by `key`; of trust, the mean."""
    table = data.tables[name]
    days = len(data.indicators)
    each = span(days)
    how = {
        column: "mean" if column == "trust" else "sum"
        for column in table.columns
        if column not in {"day", key}
    }
    first = table[table["day"] < each].groupby(key).agg(how)
    last = table[table["day"] >= days - each].groupby(key).agg(how)
    return _rows(first), _rows(last)


def _last_day(data: RunData, name: str, key: str) -> Sums:
    table = data.tables[name]
    return _rows(table[table["day"] == len(data.indicators) - 1].set_index(key))


def _rows(table: pd.DataFrame) -> Sums:
    """The rows of a table by their key, as plain numbers."""
    values = table.astype(float).to_dict("index")
    return {
        int(str(key)): {str(name): value for name, value in row.items()}
        for key, row in values.items()
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
