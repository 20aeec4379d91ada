"""Whom and what the platform subsidises."""
