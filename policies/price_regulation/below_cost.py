"""Sales below cost: prices under average variable cost on too many days."""

from __future__ import annotations

import numpy as np

from policies.observations import Finding, RegulationObservation

RULE = "below_cost"


def below_cost_findings(
    observation: RegulationObservation, days: int, window: int
) -> list[Finding]:
    """Offers sold below unit cost now and on at least `days` of the last `window` days.

    The gain is the revenue of units that were sold so, as far as recent sales show.

    Args:
        observation: what the regulator sees.
        days: days below cost that make a breach.
        window: days looked back, today not included.

    Returns:
        Findings of grade A, by listing.

    Source: Areeda & Turner (1975), "Predatory pricing and related practices under section 2 of the
    Sherman Act", Harvard Law Review 88(4); Price Law of the People's Republic of China, Article 14.
    """
    listings, cost = observation.listings, observation.unit_cost
    past = observation.was_below_cost[-window:]
    below = past.sum(axis=0)
    found = np.flatnonzero(listings.on_sale & (listings.checkout_price < cost) & (below >= days))
    return [
        Finding(
            rule=RULE,
            listing=int(listing),
            merchant=int(listings.merchant[listing]),
            grade="A",
            illegal_gain=round(
                float(listings.checkout_price[listing]) * float(listings.sold_recently[listing])
            ),
            evidence=(
                f"Sold at {listings.checkout_price[listing] / 100:.2f}, below its unit cost of "
                f"{cost[listing] / 100:.2f}, on {below[listing]} of the last {len(past)} days."
            ),
        )
        for listing in found.tolist()
    ]
