"""What does AWS say? Actions, managed policies and our curated lists, compiled by `tools/build_catalogue.py` and read lazily."""
