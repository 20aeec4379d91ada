"""The learned recommender: two embeddings, their product, a small network, a sigmoid."""

from models.recommender.config import RecommenderConfig
from models.recommender.recommender import NeuralRecommender
from models.recommender.storage import ModelFileError
from models.recommender.training import TrainingReport

__all__ = ["ModelFileError", "NeuralRecommender", "RecommenderConfig", "TrainingReport"]
