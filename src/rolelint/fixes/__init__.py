"""What to write instead? Statements from the catalogue, rendered in the template's own dialect."""
