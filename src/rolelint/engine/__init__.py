"""Is that too much? Rules, read from files, judge what the identities of a template may do."""
