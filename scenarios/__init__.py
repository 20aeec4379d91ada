"""What a scenario is, and the scenarios and cities that ship."""
