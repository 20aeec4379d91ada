"""Which listings consumers come across: policies behind one protocol."""
