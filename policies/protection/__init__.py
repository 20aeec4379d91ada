"""How the platform decides complaints: policies behind one protocol."""
