"""Is it accepted? Findings are classified, never deleted."""
