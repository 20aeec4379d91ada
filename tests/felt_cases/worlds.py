"""Markets in which settings of several themes are felt."""

CROOKS = (
    "merchants.misconduct.counterfeit_share=0.4",
    "merchants.misconduct.fake_list_price_share=0.4",
    "merchants.misconduct.bait_share=0.4",
    "merchants.misconduct.bought_review_share=0.4",
    "merchants.misconduct.below_cost_share=1.0",
    "merchants.misconduct.war_chest=500.0",
    "merchants.large_share=0.3",
)

COST_PLUS = "merchants.strategies={cost_plus = 1.0}"

THIN_STOCK = ("merchants.stock_cover_days=2.0", "merchants.stock_minimum=1")

RATED = (
    'consumers.ratings.model="latent"',
    'policies.recommendation={name = "weighted"}',
    "commerce.population.visits_per_day=1.0",
)

SUBSIDISED = ('policies.subsidy={name = "flat", share = 0.3}',)

SEARCHED = (
    'policies.search={name = "learned", retrain_days = 2, epochs = 3}',
    "consumers.choice.search_share=0.9",
    "commerce.population.visits_per_day=1.0",
)

INSPECTED = ("policies.rules={below_cost = {}, false_discount = {}}", *CROOKS)

LIVELY = ("commerce.population.visits_per_day=1.0",)

DEARER = (
    'events=[{kind = "change", day = 2, key = "platform.commission", value = 0.5}]',
    "platform.fee_notice_days=2",
)

FORCED = (
    'events=[{kind = "change", day = 6, key = "platform.forced_discount", value = 0.3}]',
    "platform.forced_share=0.7",
    "merchants.refusal_share=0.7",
    "policies.rules={forced_loss = {}}",
    *LIVELY,
)

PUNISHED = (*FORCED, "platform.asks_consent=true", "platform.retaliation=0.5")

WAR = (
    (
        'events=[{kind = "rival_price_war", day = 3, until = 5, discount = 0.3}, '
        '{kind = "rival_price_war", day = 6, until = 7, discount = 0.3}]'
    ),
    "platform.auto_follow=0.6",
    "policies.rules={parity = {}}",
)

PERSONAL = (
    "policies.fees.personal=0.15",
    "policies.rules={personal_price = {}}",
    *LIVELY,
)

OWN_FIRST = (
    'policies.recommendation.name="random"',
    "platform.own_brand_merchants=2",
    "policies.rules={self_preferencing = {above_share = 0.0, pairs = 1, excess = 0.0}}",
    *LIVELY,
)


def all_use(strategy: str, **params: str) -> tuple[str, ...]:
    """A world whose merchants all use one strategy, with some parameters of it."""
    given = ", ".join(f"{key} = {value}" for key, value in params.items())
    return (
        f"merchants.strategies={{{strategy} = 1.0}}",
        f"policies.merchant_pricing={{{strategy} = {{{given}}}}}",
    )


EMERGENCY = 'events=[{kind = "emergency", day = 1, until = 2}]'
