"""What does it say, or can't we know? Nodes become a template whose values may hold symbols for what is unknown."""
