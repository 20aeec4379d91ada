"""The replications by name. A module is imported when its replication is asked for."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

from experiments.replications.protocol import Replication

MODULES = {
    "calvano": "experiments.replications.calvano:Calvano",
    "homogenisation": "experiments.replications.homogenisation:Homogenisation",
    "logit_bertrand": "experiments.replications.logit_bertrand:LogitBertrand",
    "provider_viability": "experiments.replications.provider_viability:ProviderViability",
    "sales_concentration": "experiments.replications.sales_concentration:SalesConcentration",
    "steering": "experiments.replications.steering:Steering",
    "subsidy_duopoly": "experiments.replications.subsidy_duopoly:SubsidyDuopoly",
    "trust_and_profit": "experiments.replications.trust_and_profit:TrustAndProfit",
    "urn": "experiments.replications.urn:Urn",
}
"""Module and class of each replication."""


class ReplicationError(ValueError):
    """A replication that there is none of, or that cannot be run as asked."""


def find_replication(name: str) -> Replication:
    """The replication of a name.

    Raises:
        ReplicationError: if there is none; the nearest name is suggested.
    """
    if name not in MODULES:
        near = get_close_matches(name, MODULES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ReplicationError(f"no replication {name!r}; known: {', '.join(MODULES)}{hint}")
    module, _, its_class = MODULES[name].partition(":")
    found: Replication = getattr(import_module(module), its_class)()
    return found
