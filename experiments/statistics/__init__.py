"""Statistics of studies: pure functions over arrays, numbers only.

- `intervals`: bootstrap-t intervals of means and of paired differences, alone or jointly
- `best_set`: which settings may be the best (multiple comparisons with the best)
- `zones`: that set on one ordered lever; how many more replications would narrow it
- `stopping`: how many replications a wanted precision needs, looked at in batches
- `red_lines`: whether a constraint is kept, broken or unsure
- `pareto`: which settings no other beats in all outcomes
- `wording`: sentences made of these, with a stated rule for the word of confidence

`docs/statistics.md` states each method with its source, and `python -m experiments.statistics` how
often each is right.
"""
