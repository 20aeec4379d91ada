"""Scenario discovery: under which circumstances a setting fails.

- `failing`: what counts as failing, and in which worlds a setting does
- `prim`: boxes of circumstances in which failures lie close together (PRIM)
- `discover`: both on a study's results, tested on worlds left out, told in words

`docs/sensitivity.md` states the methods with their sources. Needs the extra `discovery`.
"""
