"""Replications: theory and published results that the market must give again, from scenario files.

`weal replicate NAME` runs one. Each is a class in a module of its own, as `protocol` says, and runs
the market that every scenario runs; what it does not need, its scenario file switches off.
"""
