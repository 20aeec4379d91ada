"""How the rival platform answers in a subsidy war: strategies behind one protocol."""
