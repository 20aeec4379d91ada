"""Rankers of search results that learn from what was clicked and bought; one interface for all."""
