"""The policies of a running market, made from the scenario's choices and changed by its events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policies import registry
from policies.params import PolicyParams
from policies.protocols import (
    FAMILIES,
    Dispatch,
    Fraud,
    MerchantPricing,
    PriceRegulation,
    Privacy,
    Protection,
    Recommendation,
    Sanctions,
    Search,
    Subsidy,
)
from sim.settings.policies import PolicyChoices

SINGLE = tuple(family for family in FAMILIES if family != "merchant_pricing")


class PolicySet:
    """One policy of each family, and one pricing strategy by name for each that merchants use."""

    recommendation: Recommendation
    search: Search
    subsidy: Subsidy
    price_regulation: PriceRegulation
    sanctions: Sanctions
    fraud: Fraud
    protection: Protection
    privacy: Privacy
    dispatch: Dispatch
    merchant_pricing: dict[str, MerchantPricing]

    def __init__(self, choices: PolicyChoices, strategies: Iterable[str]) -> None:
        """Make the policies.

        Args:
            choices: the scenario's.
            strategies: names of the pricing strategies that merchants use.

        Raises:
            policies.registry.PolicyError: if a strategy is unknown.
            pydantic.ValidationError: if a strategy's parameters are out of range.
        """
        self.merchant_pricing = {
            name: registry.make("merchant_pricing", strategy_params(choices, name))
            for name in sorted(strategies)
        }
        for family in SINGLE:
            setattr(self, family, registry.make(family, getattr(choices, family)))

    def change(self, choices: PolicyChoices) -> None:
        """Take other choices over: a policy of the same name keeps what it has learned."""
        for family in SINGLE:
            policy, params = getattr(self, family), getattr(choices, family)
            if params == policy.params:
                continue
            if params.name == policy.name:
                policy.params = params
            else:
                setattr(self, family, registry.make(family, params))
        for name, strategy in self.merchant_pricing.items():
            strategy.params = strategy_params(choices, name)

    def all(self) -> tuple[Any, ...]:
        """All policies, in a fixed order."""
        single = tuple(getattr(self, family) for family in SINGLE)
        return (*single, *self.merchant_pricing.values())


def strategy_params(choices: PolicyChoices, name: str) -> PolicyParams:
    """The parameters of one pricing strategy: those of the scenario, or the strategy's defaults.

    Raises:
        policies.registry.PolicyError: if the strategy is unknown.
        pydantic.ValidationError: if a parameter is unknown or out of range.
    """
    own = {**choices.merchant_pricing.get(name, {}), "name": name}
    params: PolicyParams = registry.find("merchant_pricing", name).Params.model_validate(own)
    return params
