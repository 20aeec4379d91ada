"""How much of each item will be asked for: forecasts, their quantiles, and how good they were."""

from models.demand.accuracy import mean_absolute_scaled_error, pinball_loss
from models.demand.forecasting import METHODS, DemandForecast, forecast_demand
from models.demand.quantiles import demand_quantile

__all__ = [
    "METHODS",
    "DemandForecast",
    "demand_quantile",
    "forecast_demand",
    "mean_absolute_scaled_error",
    "pinball_loss",
]
