"""The learned recommender: what consumers would choose, learned from what they chose."""

from policies.recommendation.learned.policy import LearnedRecommendation

__all__ = ["LearnedRecommendation"]
