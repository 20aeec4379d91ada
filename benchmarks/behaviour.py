"""Purchase and churn of customers in the coming week: how good the probabilities are.

python -m benchmarks.behaviour
python -m benchmarks.behaviour --data market

"journey": households of The Complete Journey (extra `data`); "market": the log of 210 days of a
market. Customers who bought in the last 28 days. Purchase: they buy within 7 days; churn: after
these 7 days they buy nothing for 28. Trained on weekly snapshots whose outcome is known on the day
that is predicted; measured on that day. "rfm": logistic regression on recency, frequency and value
of purchases.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.journey import read_journey
from benchmarks.market_log import lived
from benchmarks.measuring import report_tables
from models.array_checks import FloatArray, IdArray
from models.behaviour import (
    METHODS,
    BehaviourConfig,
    BehaviourModel,
    CustomerEvents,
    LogisticRegression,
    bought_within,
    customer_features,
    fell_silent,
)
from models.probability_metrics import probability_quality, reliability_curve

WEEK, SILENCE, ACTIVE, FIRST = 7, 28, 28, 42
"""Days: of a prediction, of silence that is churn, back to the last purchase, of first snapshot."""

PURCHASE_RFM = (0, 1, 3, 5, 6, 7)
"""Columns of tenure and of the recency, frequency and value of purchases, the first events."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Customers on some days. E rows."""

    features: FloatArray  # (E, F)
    happened: dict[str, FloatArray]  # (E,) by name
    day: IdArray  # (E,)


def journey_events() -> tuple[dict[str, CustomerEvents], int, int]:
    """Baskets of households, their number, and the days."""
    journey = read_journey()
    _, first, basket = np.unique(journey.basket, return_index=True, return_inverse=True)
    value = np.maximum(np.bincount(basket, journey.value), 0.0)
    baskets = CustomerEvents.of(journey.household[first], journey.day[first], value)
    return {"purchase": baskets}, journey.households, journey.days


def market_events(days: int = 210) -> tuple[dict[str, CustomerEvents], int, int]:
    """What consumers of a market did, their number, and the days."""
    market = lived(days)
    log = market.log
    _, first = np.unique(log.session, return_index=True)
    bought, clicked = np.flatnonzero(log.bought), np.flatnonzero(log.clicked)
    events = {
        "purchase": CustomerEvents.of(log.visitor[bought], log.day[bought], log.price[bought]),
        "visit": CustomerEvents.of(log.visitor[first], log.day[first]),
        "click": CustomerEvents.of(log.visitor[clicked], log.day[clicked]),
        "rating": CustomerEvents.of(log.rating_visitor, log.rating_day, log.rating),
        "return": CustomerEvents.of(log.return_visitor, log.return_day),
    }
    return events, market.consumers, days


def snapshots(events: Mapping[str, CustomerEvents], customers: int, days: range) -> Snapshots:
    """Customers on some days, of those who bought lately."""
    features, bought, silent, when = [], [], [], []
    purchases = events["purchase"]
    for day in days:
        active = bought_within(purchases, customers, day - ACTIVE, ACTIVE) > 0
        features.append(customer_features(events, customers, day)[active])
        bought.append(bought_within(purchases, customers, day, WEEK)[active])
        silent.append(fell_silent(purchases, customers, day, WEEK, SILENCE)[active])
        when.append(np.full(active.sum(), day))
    return Snapshots(
        np.concatenate(features),
        {"purchase": np.concatenate(bought), "churn": np.concatenate(silent)},
        np.concatenate(when),
    )


def split(
    events: Mapping[str, CustomerEvents], customers: int, days: int
) -> tuple[Snapshots, Snapshots]:
    """Weekly snapshots whose outcome is known on the last day that has one, and that day's."""
    last = days - WEEK - SILENCE
    known = last - WEEK - SILENCE
    return (
        snapshots(events, customers, range(FIRST + (known - FIRST) % WEEK, known + 1, WEEK)),
        snapshots(events, customers, range(last, last + 1)),
    )


def predictions(training: Snapshots, test: Snapshots) -> dict[str, Mapping[str, FloatArray]]:
    """What each model expects, by outcome."""
    rfm = {}
    for name, happened in training.happened.items():
        baseline = LogisticRegression()
        baseline.fit(training.features[:, PURCHASE_RFM], happened)
        rfm[name] = baseline.predict(test.features[:, PURCHASE_RFM])
    found: dict[str, Mapping[str, FloatArray]] = {"rfm": rfm}
    for calibration in METHODS:
        model = BehaviourModel(BehaviourConfig.model_validate({"calibration": calibration}))
        model.fit(training.features, training.happened, training.day, seed=1)
        found[f"network, {calibration}"] = model.predict(test.features)
    return found


def rows(test: Snapshots, predicted: Mapping[str, Mapping[str, FloatArray]]) -> Iterator[Any]:
    """A row a model and outcome."""
    for name, happened in test.happened.items():
        for model, found in predicted.items():
            quality = asdict(probability_quality(found[name], happened))
            told = {key: round(value, 4) for key, value in quality.items()}
            yield {"outcome": name, "model": model, **told, "customers": len(happened)}


def curves(test: Snapshots, found: Mapping[str, FloatArray]) -> Iterator[Any]:
    """Predicted and happened by bin."""
    for name, happened in test.happened.items():
        curve = reliability_curve(found[name], happened)
        for place, (chance, share) in enumerate(zip(curve.predicted, curve.happened, strict=True)):
            yield {
                "outcome": name,
                "bin": place + 1,
                "predicted": round(float(chance), 3),
                "happened": round(float(share), 3),
                "customers": int(curve.rows[place]),
            }


DATA = {"journey": journey_events, "market": market_events}


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"benchmark": "behaviour"}
    for name in arguments.data:
        events, customers, days = DATA[name]()
        training, test = split(events, customers, days)
        predicted = predictions(training, test)
        result[name] = list(rows(test, predicted))
        result[f"{name}_reliability"] = list(curves(test, predicted["network, beta"]))
    report_tables(result, arguments.json)


if __name__ == "__main__":
    main()
