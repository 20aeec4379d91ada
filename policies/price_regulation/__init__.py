"""What the regulator limits and how it inspects prices: policies behind one protocol."""
