"""How the platform finds counterfeits and fraud: policies behind one protocol."""
