"""Contextual bandits that fill slates: reward models that know what they do not know."""
