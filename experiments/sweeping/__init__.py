"""Sweeps that cannot lose work: they skip what is done, and go on after any crash."""
