"""The schemas of the tables of events that a run leaves."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from sim.tables import Column


class OrderStatus(IntEnum):
    """Where an order stands; every order ends in one of the last three."""

    OPEN = 0
    DELIVERED = 1
    CANCELLED = 2
    REFUNDED = 3


class Ending(IntEnum):
    """How a parcel ended."""

    OPEN = 0
    DELIVERED = 1
    CALLED_OFF = 2  # by the buyer, who had waited too long
    NOBODY_HOME = 3  # at the last try
    GIVEN_UP = 4  # nobody brought it for too many days
    SPOILED = 5  # the cold chain was broken
    SHOP_CLOSED = 6  # before it was packed


class Source(IntEnum):
    """Where the consumer found the listing."""

    SLATE = 0
    SEARCH = 1
    REPEAT = 2
    DIRECT = 3  # considers all listings


class ComplaintKind(IntEnum):
    """What a complaint is about."""

    NOT_AS_DESCRIBED = 0
    NOT_GENUINE = 1
    LATE = 2
    CHECKOUT_PRICE = 3


def codes(kind: type[IntEnum]) -> str:
    """What each number of a column stands for, in words: `0 open, 1 delivered, ...`."""
    return ", ".join(f"{one.value} {one.name.lower().replace('_', ' ')}" for one in kind)


ORDERS = {
    "day": Column(np.int32, "day", "day of the order"),
    "minute": Column(np.float32, "minute", "minute of that day"),
    "consumer": Column(np.int32, "consumer", "who ordered"),
    "group": Column(np.int8, "group", "group of the consumer"),
    "listing": Column(np.int32, "listing", "what was ordered"),
    "merchant": Column(np.int32, "merchant", "from whom"),
    "category": Column(np.int16, "category", "category of the listing"),
    "quantity": Column(np.int32, "unit", "units"),
    "unit_price": Column(np.int64, "cent", "price at checkout, before subsidy"),
    "advertised": Column(np.int64, "cent", "price that was advertised"),
    "list_price": Column(np.int64, "cent", "price before discount that was announced"),
    "unit_subsidy": Column(np.int64, "cent", "subsidy a unit, off the buyer's price"),
    "seller_subsidy": Column(np.int64, "cent", "subsidy a unit, to the merchant"),
    "delivery_fee": Column(np.int64, "cent", "fee charged with this order, before subsidy"),
    "fee_subsidy": Column(np.int64, "cent", "subsidy off that fee"),
    "merchant_funded": Column(np.int64, "cent", "of the buyer's subsidy, what the merchant bears"),
    "merchant_funded_fee": Column(np.int64, "cent", "of the fee's subsidy, what it bears"),
    "markup": Column(np.int64, "cent", "personal markup a unit, to the platform; < 0: discount"),
    "commission": Column(np.int64, "cent", "what the platform keeps of the price"),
    "reference_price": Column(np.int64, "cent", "reference price of the listing at the time"),
    "unit_cost": Column(np.int64, "cent", "the merchant's unit cost"),
    "source": Column(np.int8, codes(Source), "where the consumer found it"),
    "position": Column(np.int16, "", "0-based position at which it was seen"),
    "repeat": Column(np.bool_, "", "the consumer had bought it before"),
    "job": Column(np.int64, "delivery", "parcel it travels in, -1 by post"),
    "due": Column(np.float64, "minute", "promised minute since the start of day 0"),
    "closed": Column(np.float64, "minute", "minute at which it ended, nan while open"),
    "status": Column(np.int8, codes(OrderStatus), "where it stands"),
    "refunded": Column(np.int64, "cent", "what the buyer got back"),
    "spoiled": Column(np.bool_, "", "its goods did not stay cold, and were not delivered"),
    "expected_quality": Column(np.float32, "[0, 1]", "quality the buyer expected", hidden=True),
    "true_quality": Column(np.float32, "[0, 1]", "quality delivered", hidden=True),
    "match": Column(np.float32, "[-1, 1]", "taste of the buyer times listing", hidden=True),
    "counterfeit": Column(np.bool_, "", "a counterfeit was sold", hidden=True),
}

DELIVERIES = {
    "consumer": Column(np.int32, "consumer", "who receives"),
    "merchant": Column(np.int32, "merchant", "whose parcel, the first where a hub bundles several"),
    "carrier": Column(np.int8, "carrier", "who is to bring it, or fetched it last"),
    "pickup": Column(np.int32, "place", "where it is fetched"),
    "dropoff": Column(np.int32, "place", "where it goes"),
    "units": Column(np.int32, "unit", "load it takes in the bag"),
    "placed": Column(np.float64, "minute", "minute of the order since the start of day 0"),
    "begins": Column(np.float64, "minute", "minute at which the shop begins to prepare it"),
    "ready": Column(np.float64, "minute", "minute at which it was ready"),
    "not_before": Column(np.float64, "minute", "beginning of the buyer's time window, 0: none"),
    "due": Column(np.float64, "minute", "promised minute"),
    "deadline": Column(np.float64, "minute", "minute after which it is spoiled, inf: never"),
    "patience": Column(
        np.float64, "minute", "minute at which the buyer cancels it, inf: never", hidden=True
    ),
    "courier": Column(np.int32, "courier", "who carried it last, -1 if nobody"),
    "picked_up": Column(np.float64, "minute", "minute of the pickup, nan before"),
    "delivered": Column(np.float64, "minute", "minute of the delivery, nan before"),
    "attempts": Column(np.int8, "", "tries at the door so far"),
    "status": Column(np.int8, codes(OrderStatus), "where it stands"),
    "ending": Column(np.int8, codes(Ending), "how it ended"),
}

SHIFTS = {
    "day": Column(np.int32, "day", "day of the shift"),
    "courier": Column(np.int32, "courier", "who worked"),
    "carrier": Column(np.int8, "carrier", "for whom"),
    "vehicle": Column(np.int16, "vehicle", "number of its type in the scenario's list"),
    "start": Column(np.float64, "minute", "start, minute since the start of day 0"),
    "end": Column(np.float64, "minute", "end, the last stop included"),
    "planned_end": Column(np.float64, "minute", "end as planned; earlier where it went offline"),
    "deliveries": Column(np.int32, "parcel", "parcels delivered"),
    "pickups": Column(np.int32, "parcel", "parcels fetched"),
    "pickup_visits": Column(np.int32, "visit", "visits at which they were fetched"),
    "offers": Column(np.int32, "parcel", "parcels offered to it"),
    "refusals": Column(np.int32, "parcel", "of these turned down"),
    "metres": Column(np.float64, "m", "metres driven"),
    "empty_metres": Column(np.float64, "m", "of these without a parcel on board"),
    "minutes_driving": Column(np.float64, "minute", "minutes on the road"),
    "minutes_serving": Column(np.float64, "minute", "minutes of service at shops and doors"),
    "minutes_waiting": Column(np.float64, "minute", "minutes waiting at shops and doors"),
    "minutes_resting": Column(np.float64, "minute", "minutes of breaks"),
    "grams_co2": Column(np.float64, "g", "CO2 of the metres driven"),
    "vehicle_cost": Column(np.int64, "cent", "what these cost beside pay"),
    "pay": Column(np.int64, "cent", "pay of the shift"),
}

LEGS = {
    "courier": Column(np.int32, "courier", "who drove"),
    "kind": Column(np.int8, "0 pickup, 1 drop-off, 2 move, 3 return", "what for"),
    "job": Column(np.int64, "delivery", "for which parcel, -1: none"),
    "origin": Column(np.int32, "place", "from where"),
    "destination": Column(np.int32, "place", "to where"),
    "start": Column(np.float64, "minute", "departure, minute since the start of day 0"),
    "end": Column(np.float64, "minute", "arrival"),
    "parcels": Column(np.int16, "parcel", "parcels on board"),
}

REVIEWS = {
    "day": Column(np.int32, "day", "day it was posted"),
    "consumer": Column(np.int32, "consumer", "who wrote it, -1 if bought"),
    "listing": Column(np.int32, "listing", "what it is about"),
    "order": Column(np.int64, "order", "order it belongs to, -1 if bought"),
    "stars": Column(np.int8, "star", "1 to 5"),
    "text": Column(np.int32, "text", "number of the text in the run's list of texts"),
    "bought": Column(np.bool_, "", "bought by the merchant", hidden=True),
}

COMPLAINTS = {
    "day": Column(np.int32, "day", "day it was filed"),
    "consumer": Column(np.int32, "consumer", "who complained"),
    "order": Column(np.int64, "order", "about which order"),
    "listing": Column(np.int32, "listing", "about what"),
    "merchant": Column(np.int32, "merchant", "about whom"),
    "kind": Column(np.int8, codes(ComplaintKind), "what it says"),
    "evidence": Column(np.float32, "[0, 1]", "strength of what was handed in"),
    "closed_on": Column(np.int32, "day", "day it was decided, -1 while open"),
    "refund": Column(np.int64, "cent", "what the consumer got back"),
    "justified": Column(np.bool_, "", "the consumer was wronged", hidden=True),
}

LEARNING = {
    "day": Column(np.int32, "day", "day of the training; of `truth`, the day after one"),
    "metric": Column(np.int16, "number", "what was measured, by its number in the texts"),
    "value": Column(np.float64, "metric's own", "what was measured; nan: not known"),
}

EXPLANATIONS = {
    "day": Column(np.int32, "day", "the last day"),
    "consumer": Column(np.int32, "consumer", "whose slate it was"),
    "place": Column(np.int16, "place", "on the slate, from 0"),
    "listing": Column(np.int32, "listing", "what was shown there"),
    "score": Column(np.float64, "score's own", "of the recommender: the sum of the values"),
    "part": Column(np.int16, "number", "what counts, by its number in the texts"),
    "about": Column(np.int32, "listing", "taken before, from which it follows; -1: none"),
    "value": Column(np.float64, "score's own", "what this part adds to the score"),
}

RETURNS = {
    "day": Column(np.int32, "day", "day of the return"),
    "order": Column(np.int64, "order", "what went back"),
    "refund": Column(np.int64, "cent", "what the consumer got back"),
}

SANCTIONS = {
    "day": Column(np.int32, "day", "day of the decision"),
    "issuer": Column(np.int8, "0 regulator, 1 platform", "who decided"),
    "merchant": Column(np.int32, "merchant", "against whom, -1: the platform"),
    "listing": Column(np.int32, "listing", "about which listing, -1: the shop"),
    "kind": Column(
        np.int8,
        "0 remind, 1 delist, 2 fine, 3 demote, 4 close, 5 restitution",
        "what was decided",
    ),
    "rule": Column(np.int16, "rule", "number of the rule in the run's list of rules"),
    "days": Column(
        np.int32,
        "day",
        "length of a delisting, demotion or closure, -1: until fixed, or for ever",
    ),
    "fine": Column(np.int64, "cent", "fine"),
    "level": Column(np.int8, "", "rung of the merchant afterwards"),
    "points": Column(np.int16, "", "added to the merchant's record"),
    "restitution": Column(np.int64, "cent", "what buyers of the listing got back"),
    "finding": Column(np.int64, "finding", "row of the finding that it rests on, -1: none"),
    "sales": Column(np.float64, "cent a day", "recent sales, at checkout, that it takes away"),
    "margin": Column(np.float64, "cent a day", "of these what the merchant earned, less costs"),
    "overturned": Column(np.bool_, "", "won on appeal"),
    "wrongful": Column(np.bool_, "", "the merchant had done nothing wrong", hidden=True),
}

CASES = {
    "day": Column(np.int32, "day", "day on which the sanction opened it"),
    "merchant": Column(np.int32, "merchant", "against whom, -1: the platform"),
    "listing": Column(np.int32, "listing", "about which listing, -1: none in particular"),
    "rule": Column(np.int16, "rule", "number of the rule in the run's list of rules"),
    "sanction": Column(np.int64, "sanction", "row of the sanction"),
    "due": Column(np.int32, "day", "day of the next inspection"),
    "every": Column(np.int32, "day", "days between inspections, 0: there is one only"),
    "closed_on": Column(np.int32, "day", "day, -1 while open"),
    "outcome": Column(np.int8, "0 open, 1 cured, 2 not cured, 3 lapsed", "how it ended"),
}

FINDINGS = {
    "day": Column(np.int32, "day", "day of the inspection"),
    "rule": Column(np.int16, "rule", "number of the rule in the run's list of rules"),
    "merchant": Column(np.int32, "merchant", "against whom, -1: the platform"),
    "listing": Column(np.int32, "listing", "about which listing, -1: none in particular"),
    "grade": Column(np.int8, "0 A, 1 B, 2 C", "clear, needs context, a screen only"),
    "illegal_gain": Column(np.int64, "cent", "as far as the evidence shows"),
}

TURNOVER = {
    "day": Column(np.int32, "day", "day"),
    "merchant": Column(np.int32, "merchant", "who"),
    "size": Column(np.int8, "0 small, 1 medium, 2 large", "size"),
    "entered": Column(np.bool_, "", "True: entered; False: closed"),
}

CONSUMER_GROUPS = {
    "day": Column(np.int32, "day", "day"),
    "group": Column(np.int8, "group", "group of consumers"),
    "members": Column(np.int64, "consumer", "consumers in it"),
    "active": Column(np.int64, "consumer", "of these on the platform"),
    "visits": Column(np.int64, "consumer", "consumers who came"),
    "surplus": Column(np.float64, "cent", "surplus that the platform added", hidden=True),
    "trust": Column(np.float64, "[0, 1]", "mean trust of its members", hidden=True),
}

MERCHANT_SIZES = {
    "day": Column(np.int32, "day", "day"),
    "size": Column(np.int8, "0 small, 1 medium, 2 large", "size of merchants"),
    "open": Column(np.int64, "merchant", "in business"),
    "sales": Column(np.int64, "cent", "sales at checkout prices, before subsidies"),
    "revenue": Column(np.int64, "cent", "paid out for deliveries, net of commission and refunds"),
    "profit": Column(np.int64, "cent", "revenue less the costs of goods, rent, fines, reviews"),
}
