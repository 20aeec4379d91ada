"""The report of a study: one analysis, told as a page for people and as JSON for machines."""
