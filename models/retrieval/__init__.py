"""Models that rank all items for a user, trained on what was chosen; one interface for all."""
