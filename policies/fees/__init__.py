"""What the platform charges: policies behind one protocol."""
