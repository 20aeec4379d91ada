"""Calibration: which values of unknown parameters agree with moments of real data."""
