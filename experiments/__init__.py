"""Runs, comparisons and reports: what turns a scenario into an answer, and the command `weal`.

Whatever is written here appears whole or not at all (`experiments.atomic`). Importing this package
loads none of its modules, so that the command answers at once.
"""
