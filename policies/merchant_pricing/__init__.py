"""How merchants set prices: strategies behind one protocol."""
