"""Search in many levers, where no grid is affordable, and a re-test of what it finds."""
