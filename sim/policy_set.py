"""The policies of a running market, made from the scenario's choices and changed by its events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policies import registry
from policies.params import PolicyParams
from policies.protocols import (
    BY_NAME,
    FAMILIES,
    Dispatch,
    Fees,
    Fraud,
    MerchantPricing,
    PriceRegulation,
    Privacy,
    Protection,
    Recommendation,
    Reranking,
    Rival,
    Rule,
    Sanctions,
    Search,
    SteeringPolicy,
    Subsidy,
)
from sim.settings.policies import PolicyChoices

SINGLE = tuple(family for family in FAMILIES if family not in BY_NAME)


class PolicySet:
    """One policy of each family; by name, the pricing strategies in use and the rules in force."""

    recommendation: Recommendation
    reranking: Reranking
    search: Search
    steering: SteeringPolicy
    fees: Fees
    subsidy: Subsidy
    rival: Rival
    price_regulation: PriceRegulation
    sanctions: Sanctions
    fraud: Fraud
    protection: Protection
    privacy: Privacy
    dispatch: Dispatch
    dispatchers: list[Dispatch]  # a carrier each; the first is `dispatch`
    merchant_pricing: dict[str, MerchantPricing]
    rules: dict[str, Rule]

    def __init__(
        self, choices: PolicyChoices, strategies: Iterable[str], carriers: int = 1
    ) -> None:
        """Make the policies.

        Args:
            choices: the scenario's.
            strategies: names of the pricing strategies that merchants use.
            carriers: how many plan their own parcels.

        Raises:
            policies.registry.PolicyError: if a strategy or a rule is unknown.
            pydantic.ValidationError: if its parameters are out of range.
        """
        self.merchant_pricing = {
            name: registry.make("merchant_pricing", named_params("merchant_pricing", choices, name))
            for name in sorted(strategies)
        }
        self.rules = {
            name: registry.make("rule", named_params("rule", choices, name))
            for name in sorted(choices.rules)
        }
        for family in SINGLE:
            setattr(self, family, registry.make(family, getattr(choices, family)))
        others = [registry.make("dispatch", choices.dispatch) for _ in range(carriers - 1)]
        self.dispatchers = [self.dispatch, *others]

    def change(self, choices: PolicyChoices) -> None:
        """Take other choices over: a policy of the same name keeps what it has learned."""
        for family in SINGLE:
            setattr(self, family, _changed(family, getattr(self, family), getattr(choices, family)))
        others = [_changed("dispatch", one, choices.dispatch) for one in self.dispatchers[1:]]
        self.dispatchers = [self.dispatch, *others]
        for name, strategy in self.merchant_pricing.items():
            strategy.params = named_params("merchant_pricing", choices, name)
        rules = {}
        for name in sorted(choices.rules):
            params = named_params("rule", choices, name)
            rules[name] = self.rules.get(name) or registry.make("rule", params)
            rules[name].params = params
        self.rules = rules

    def all(self) -> tuple[Any, ...]:
        """All policies, in a fixed order."""
        single = tuple(getattr(self, family) for family in SINGLE)
        return (
            *single,
            *self.dispatchers[1:],
            *self.merchant_pricing.values(),
            *self.rules.values(),
        )


def _changed(family: str, policy: Any, params: PolicyParams) -> Any:
    """The policy with other parameters, or another one."""
    if params.name != policy.name:
        return registry.make(family, params)
    if params != policy.params:
        policy.params = params
    return policy


def named_params(family: str, choices: PolicyChoices, name: str) -> PolicyParams:
    """The parameters of one pricing strategy or rule: those of the scenario, or its defaults.

    Raises:
        policies.registry.PolicyError: if there is none of that name.
        pydantic.ValidationError: if a parameter is unknown or out of range.
    """
    own = {**getattr(choices, BY_NAME[family]).get(name, {}), "name": name}
    params: PolicyParams = registry.find(family, name).Params.model_validate(own)
    return params
