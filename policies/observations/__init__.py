"""What policies are shown: frozen records of read-only arrays, without hidden truth.

True quality, true tastes and who cheats stay in `sim`. Money is integer cents, time is minutes
since the start of day 0 unless a field says otherwise. L listings, M merchants, S shopping
sessions (a session is one need of one visitor today).
"""

from __future__ import annotations

from policies.observations.commerce import ListingsView, SessionsView
from policies.observations.dispatching import DispatchObservation, DispatchPlan, TravelTimes
from policies.observations.fees import (
    FeeSchedule,
    FeesObservation,
    PersonalPriceObservation,
    PersonalPrices,
)
from policies.observations.fraud import FraudAssessment, FraudObservation
from policies.observations.learning import (
    AMONG_RESULTS,
    BROWSED,
    ON_SLATE,
    SESSION_BITS,
    WANTED_AGAIN,
    InteractionLog,
    LearningObservation,
    LearningReport,
)
from policies.observations.platform_conduct import (
    CampaignBook,
    CampaignRecord,
    ContractBook,
    ExposureBook,
    FeeLog,
    ForcedPriceBook,
    PlatformConduct,
    QuoteBook,
)
from policies.observations.pricing import DemandKnowledge, PricingView, Quote
from policies.observations.protection import ComplaintsView, ProtectionObservation, Resolution
from policies.observations.ranking import (
    Explanations,
    Prominence,
    RecommendationObservation,
    RerankingObservation,
    ScoredSlates,
    SearchObservation,
    Steering,
    SteeringObservation,
)
from policies.observations.regulation import (
    NO_LISTING,
    PLATFORM,
    AnnouncedReductions,
    CostBooks,
    EmergencyRecord,
    Finding,
    InspectionObservation,
    MarketShares,
    PriceRecord,
    RegulationObservation,
    Ruling,
)
from policies.observations.rivalry import RivalMove, RivalObservation
from policies.observations.sanctioning import (
    NEW,
    RUNNING,
    UNCURED,
    WITHOUT_END,
    Sanction,
    SanctionObservation,
    SanctionRecord,
)
from policies.observations.subsidies import (
    NOT_SHOWN,
    CampaignNotice,
    Subsidies,
    SubsidyObservation,
    SubsidyOffer,
)

__all__ = [
    "AMONG_RESULTS",
    "BROWSED",
    "NEW",
    "NOT_SHOWN",
    "NO_LISTING",
    "ON_SLATE",
    "PLATFORM",
    "RUNNING",
    "SESSION_BITS",
    "UNCURED",
    "WANTED_AGAIN",
    "WITHOUT_END",
    "AnnouncedReductions",
    "CampaignBook",
    "CampaignNotice",
    "CampaignRecord",
    "ComplaintsView",
    "ContractBook",
    "CostBooks",
    "DemandKnowledge",
    "DispatchObservation",
    "DispatchPlan",
    "EmergencyRecord",
    "Explanations",
    "ExposureBook",
    "FeeLog",
    "FeeSchedule",
    "FeesObservation",
    "Finding",
    "ForcedPriceBook",
    "FraudAssessment",
    "FraudObservation",
    "InspectionObservation",
    "InteractionLog",
    "LearningObservation",
    "LearningReport",
    "ListingsView",
    "MarketShares",
    "PersonalPriceObservation",
    "PersonalPrices",
    "PlatformConduct",
    "PriceRecord",
    "PricingView",
    "Prominence",
    "ProtectionObservation",
    "Quote",
    "QuoteBook",
    "RecommendationObservation",
    "RegulationObservation",
    "RerankingObservation",
    "Resolution",
    "RivalMove",
    "RivalObservation",
    "Ruling",
    "Sanction",
    "SanctionObservation",
    "SanctionRecord",
    "ScoredSlates",
    "SearchObservation",
    "SessionsView",
    "Steering",
    "SteeringObservation",
    "Subsidies",
    "SubsidyObservation",
    "SubsidyOffer",
    "TravelTimes",
]
