"""Sensitivity of a study's outcomes: which factors matter, and how much of it is luck.

- `sobol`: shares of variance, first-order, total and second-order, of a Sobol design
- `morris`: elementary effects of a Morris design
- `ranks`: partial rank correlations and first-order indices of a Latin hypercube
- `tornado`: one uncertainty at a time, in a grid
- `noise`: what share of the variance is luck of replication

`docs/sensitivity.md` states each method with its source.
"""
