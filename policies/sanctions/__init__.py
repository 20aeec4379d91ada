"""How the regulator punishes breaches: policies behind one protocol."""
