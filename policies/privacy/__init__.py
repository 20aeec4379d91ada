"""What the platform keeps of its customers' data: policies behind one protocol."""
