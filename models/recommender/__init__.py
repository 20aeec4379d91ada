"""The learned recommender: two embeddings, their product, a small network, a sigmoid."""

from models.recommender.config import RecommenderConfig
from models.recommender.recommender import ModelFileError, NeuralRecommender
from models.recommender.training import TrainingReport

__all__ = ["ModelFileError", "NeuralRecommender", "RecommenderConfig", "TrainingReport"]
