"""Indicators of consumers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.health import formulas
from sim.health.formulas import mean, share
from sim.health.indicator import Indicator
from sim.health.today import ordered, paid, sales, units
from sim.homing import shops_here

if TYPE_CHECKING:
    from sim.market import Marketplace


def surplus_per_visit(market: Marketplace) -> float:
    """What a visitor would have to be given to do as well by shopping elsewhere."""
    today = market.today
    return share(float(today.session_surplus.sum()) / 100.0, today.arrivals)


def market_surplus_per_visit(market: Marketplace) -> float:
    """What the platform and its rival together are worth to a visitor, against buying nothing."""
    today = market.today
    both = today.session_surplus.sum() + today.session_surplus_elsewhere.sum()
    return share(float(both) / 100.0, today.arrivals)


def surplus_to_sales(market: Marketplace) -> float:
    """Surplus that the platform adds for each unit of currency that is spent on it."""
    return share(float(market.today.session_surplus.sum()), float(sales(market).sum()))


def trust(market: Marketplace) -> float:
    """Mean trust of all consumers, those who have left included."""
    return float(market.crowd.trust.mean())


def price_to_reference(market: Marketplace) -> float:
    """Paid for goods, as a share of the reference prices of what was bought."""
    reference = ordered(market, "reference_price") * units(market)
    return share(float(paid(market).sum()), float(reference.sum()))


def conversion(market: Marketplace) -> float:
    """Sessions that ended with an order on the platform."""
    choice = market.today.session_choice
    return share(float((choice >= 0).sum()), len(choice))


def sold_out_share(market: Marketplace) -> float:
    """Sessions whose first choice, of what they could pay for, was sold out."""
    return mean(market.today.session_lost)


def group_gap(market: Marketplace) -> float:
    """Largest less smallest group mean of surplus a session, over the mean of all."""
    today = market.today
    return formulas.group_gap(today.session_surplus, market.crowd.group[today.session_consumer])


def active_share(market: Marketplace) -> float:
    """Of consumers who do not shop at the rival alone, those who have not left the platform."""
    return mean(market.crowd.active[shops_here(market)])


INDICATORS = (
    Indicator(
        "surplus_per_visit", "consumers", "currency a visit", "higher",
        "sum over sessions of (ln(sum exp V_platform + sum exp V_else) - ln(sum exp V_else)) / "
        "(price sensitivity / reference price), corrected for quality that differs from what was "
        "expected and for checkout prices above those advertised; over visits",
        "Small & Rosen 1981; Train 2015", surplus_per_visit,
    ),
    Indicator(
        "market_surplus_per_visit", "consumers", "currency a visit", "higher",
        "sum over sessions of (ln(sum exp V_platform + exp V_rival + exp V_nothing) - V_nothing) / "
        "(price sensitivity / reference price), corrected as above; over visits",
        "Small & Rosen 1981; Train 2015", market_surplus_per_visit,
    ),
    Indicator(
        "surplus_to_sales", "consumers", "ratio", "higher",
        "the same surplus of today's sessions / sales at checkout prices",
        "Cohen, Hahn, Hall, Levitt & Metcalfe 2016 (UberX: 1.60)", surplus_to_sales,
    ),
    Indicator(
        "trust", "consumers", "0 to 1", "higher", "mean of consumers' trust",
        "Ghanem, Leitner & Jannach 2022", trust,
    ),
    Indicator(
        "price_to_reference", "consumers", "share", "lower",
        "paid for goods after subsidies / reference prices of what was bought",
        "Kalyanaram & Winer 1995", price_to_reference,
    ),
    Indicator(
        "conversion", "consumers", "share of sessions", "higher",
        "sessions with an order / sessions", "usual web measure", conversion,
    ),
    Indicator(
        "sold_out_share", "consumers", "share of sessions", "lower",
        "sessions whose best affordable alternative was sold out / sessions",
        "definition", sold_out_share,
    ),
    Indicator(
        "group_gap", "consumers", "share of mean surplus", "lower",
        "(largest - smallest group mean of surplus a session) / overall mean",
        "demographic parity gap; Barocas, Hardt & Narayanan 2023", group_gap,
    ),
    Indicator(
        "active_share", "consumers", "share", "higher",
        "consumers not churned / consumers, those who shop at the rival alone left out",
        "definition", active_share,
    ),
)  # fmt: skip
