"""Named checks: what the words of a rule file cannot say. Each module holds those of one theme."""
