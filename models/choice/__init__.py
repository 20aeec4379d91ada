"""What people take out of what they are shown: choice sets, and the model that explains them."""

from models.choice.choice_sets import ChoiceSets
from models.choice.conditional_logit import ConditionalLogit, LogitReport
from models.choice.config import ConditionalLogitConfig

__all__ = ["ChoiceSets", "ConditionalLogit", "ConditionalLogitConfig", "LogitReport"]
