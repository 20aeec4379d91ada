"""How the platform ranks what a query finds."""
