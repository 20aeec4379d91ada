"""Fairness of exposure: how it is measured, and rankings that keep a group's share of it."""
