"""What customers do next: whether they buy in the coming week, and whether they fall silent."""

from models.behaviour.calibration import METHODS, Calibration, calibrate
from models.behaviour.features import (
    FEATURES_AN_EVENT,
    CustomerEvents,
    bought_within,
    customer_features,
    fell_silent,
)
from models.behaviour.logistic import LogisticRegression
from models.behaviour.model import BehaviourConfig, BehaviourModel

__all__ = [
    "FEATURES_AN_EVENT",
    "METHODS",
    "BehaviourConfig",
    "BehaviourModel",
    "Calibration",
    "CustomerEvents",
    "LogisticRegression",
    "bought_within",
    "calibrate",
    "customer_features",
    "fell_silent",
]
