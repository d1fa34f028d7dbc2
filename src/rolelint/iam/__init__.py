"""Who may do what? A template becomes principals, the policies on them and the statements in those."""
