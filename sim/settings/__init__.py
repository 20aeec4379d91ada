"""What a scenario may set, one module a part; light to import, for validation only."""
