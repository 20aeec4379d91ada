"""Studies: which runs answer a question, and what became of them."""
