"""Measured speed and memory; each module runs by itself and writes JSON."""
