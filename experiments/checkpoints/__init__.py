"""Checkpoints: a market in the middle of its life as one file, to go on from or to branch from."""
