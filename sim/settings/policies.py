"""Which policy each family uses, with its parameters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, SerializeAsAny, WrapValidator
from pydantic_core import PydanticCustomError

from policies import registry
from policies.params import PolicyParams
from sim.settings.base import Settings


def _choice_of(family: str) -> WrapValidator:
    """Validate a table `{name = ..., parameters}` against the parameters of the policy named."""

    def validate(value: Any, _: Any) -> PolicyParams:
        if isinstance(value, PolicyParams):
            value = value.model_dump()
        if not isinstance(value, dict):
            raise PydanticCustomError(
                "policy_table", "must be a table with the name of a {family} policy",
                {"family": family},
            )
        name = value.get("name")
        if not isinstance(name, str) or name not in registry.names(family):
            raise PydanticCustomError(
                "unknown_policy",
                "unknown {family} policy {name}; known: {known}",
                {
                    "family": family,
                    "name": repr(name),
                    "known": ", ".join(registry.names(family)),
                    "key": "name",
                },
            )
        params: PolicyParams = registry.find(family, name).Params.model_validate(value)
        return params

    return WrapValidator(validate)


def _field(default: str, description: str) -> Any:
    return Field(default={"name": default}, validate_default=True, description=description)


class PolicyChoices(Settings):
    """One policy a family; each table holds the policy's `name` and its parameters."""

    recommendation: Annotated[SerializeAsAny[PolicyParams], _choice_of("recommendation")] = _field(
        "popularity", "how the platform fills slates"
    )
    search: Annotated[SerializeAsAny[PolicyParams], _choice_of("search")] = _field(
        "bm25", "how the platform ranks search results"
    )
    subsidy: Annotated[SerializeAsAny[PolicyParams], _choice_of("subsidy")] = _field(
        "none", "whom and what the platform subsidises"
    )
    price_regulation: Annotated[
        SerializeAsAny[PolicyParams], _choice_of("price_regulation")
    ] = _field("none", "what the regulator limits and inspects")
    sanctions: Annotated[SerializeAsAny[PolicyParams], _choice_of("sanctions")] = _field(
        "ladder", "how the regulator punishes breaches"
    )
    fraud: Annotated[SerializeAsAny[PolicyParams], _choice_of("fraud")] = _field(
        "complaint_rate", "how the platform finds counterfeits"
    )
    protection: Annotated[SerializeAsAny[PolicyParams], _choice_of("protection")] = _field(
        "refund_by_rule", "how the platform decides complaints"
    )
    privacy: Annotated[SerializeAsAny[PolicyParams], _choice_of("privacy")] = _field(
        "keep_all", "what the platform keeps of its customers' data"
    )
    dispatch: Annotated[SerializeAsAny[PolicyParams], _choice_of("dispatch")] = _field(
        "cheapest_insertion", "how parcels are given to couriers"
    )
    merchant_pricing: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="parameters of merchants' pricing strategies, by name of the strategy",
    )
