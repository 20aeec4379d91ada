"""Re-rankings: who of those that the recommender would show gets the places."""
