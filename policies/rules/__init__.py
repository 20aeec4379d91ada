"""What the regulator inspects for: rules behind one protocol, any number of them in force."""
