"""Write the documents that are made from the program: ``python tools/generate_docs.py``."""

from pathlib import Path

from rolelint.engine.pages import catalogue
from rolelint.engine.rulebook import builtin

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Write rules/README.md."""
    (ROOT / "rules" / "README.md").write_text(catalogue(builtin()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
