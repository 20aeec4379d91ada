"""Which policy each family uses, with its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, SerializeAsAny
from pydantic_core import PydanticCustomError, core_schema

from policies import registry
from policies.params import PolicyParams
from sim.settings.base import Settings


@dataclass(frozen=True)
class PolicyOf:
    """A table `{name = ..., parameters}`, valid if its policy is known and allows the parameters.

    Beside validation it answers which names there are and which parameters each has, so that
    messages, lists and documents can tell them (`scenarios.shape.NamedChoice`).
    """

    family: str
    tag: str = "name"

    def names(self) -> tuple[str, ...]:
        """The names of the family's policies, sorted."""
        return registry.names(self.family)

    def model(self, name: str) -> type[PolicyParams]:
        """The parameters of one policy."""
        params: type[PolicyParams] = registry.find(self.family, name).Params
        return params

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """How pydantic validates what carries this as metadata."""
        return core_schema.no_info_wrap_validator_function(
            lambda value, _: self._validated(value), handler(source)
        )

    def _validated(self, value: Any) -> PolicyParams:
        if isinstance(value, PolicyParams):
            value = value.model_dump()
        if not isinstance(value, dict):
            raise PydanticCustomError(
                "policy_table",
                "must be a table with the name of a {family} policy",
                {"family": self.family},
            )
        name = value.get("name")
        if not isinstance(name, str) or name not in self.names():
            raise PydanticCustomError(
                "unknown_policy",
                "unknown {family} policy {name}; known: {known}",
                {
                    "family": self.family,
                    "name": repr(name),
                    "known": ", ".join(self.names()),
                    "key": "name",
                },
            )
        return self.model(name).model_validate(value)


def _field(default: str, description: str) -> Any:
    return Field(default={"name": default}, validate_default=True, description=description)


class PolicyChoices(Settings):
    """One policy a family, with its parameters; several rules and pricing strategies."""

    recommendation: Annotated[SerializeAsAny[PolicyParams], PolicyOf("recommendation")] = _field(
        "popularity", "how the platform fills slates"
    )
    reranking: Annotated[SerializeAsAny[PolicyParams], PolicyOf("reranking")] = _field(
        "none", "how the platform orders anew what the recommender would show"
    )
    search: Annotated[SerializeAsAny[PolicyParams], PolicyOf("search")] = _field(
        "bm25", "how the platform ranks search results"
    )
    steering: Annotated[SerializeAsAny[PolicyParams], PolicyOf("steering")] = _field(
        "none", "which listings the platform lets consumers come across"
    )
    fees: Annotated[SerializeAsAny[PolicyParams], PolicyOf("fees")] = _field(
        "flat", "what the platform charges merchants and buyers"
    )
    subsidy: Annotated[SerializeAsAny[PolicyParams], PolicyOf("subsidy")] = _field(
        "none", "whom and what the platform subsidises"
    )
    rival: Annotated[SerializeAsAny[PolicyParams], PolicyOf("rival")] = _field(
        "fixed", "how the rival platform answers subsidies"
    )
    price_regulation: Annotated[SerializeAsAny[PolicyParams], PolicyOf("price_regulation")] = (
        _field("none", "what the regulator limits")
    )
    sanctions: Annotated[SerializeAsAny[PolicyParams], PolicyOf("sanctions")] = _field(
        "ladder", "how the regulator punishes breaches"
    )
    fraud: Annotated[SerializeAsAny[PolicyParams], PolicyOf("fraud")] = _field(
        "complaint_rate", "how the platform finds counterfeits"
    )
    protection: Annotated[SerializeAsAny[PolicyParams], PolicyOf("protection")] = _field(
        "refund_by_rule", "how the platform decides complaints"
    )
    privacy: Annotated[SerializeAsAny[PolicyParams], PolicyOf("privacy")] = _field(
        "keep_all", "what the platform keeps of its customers' data"
    )
    dispatch: Annotated[SerializeAsAny[PolicyParams], PolicyOf("dispatch")] = _field(
        "cheapest_insertion", "how parcels are given to couriers"
    )
    rules: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="rules that the regulator inspects for: parameters by name of the rule",
    )
    merchant_pricing: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="parameters of merchants' pricing strategies, by name of the strategy",
    )
