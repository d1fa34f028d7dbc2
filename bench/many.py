"""What do many templates cost? Prints the time of linting as a ratio to composing the same files with PyYAML's C parser.

python bench/many.py DIRECTORY
"""

import sys
import time
from pathlib import Path

import yaml

from rolelint.engine.rulebook import builtin
from rolelint.lint import lint
from rolelint.standard import Standard
from rolelint.syntax.files import Input, find


def compose(inputs: list[Input]) -> float:
    """CPU seconds for composing every file that is YAML at all."""
    start = time.process_time()
    for one in inputs:
        try:
            yaml.compose(one.data.decode("utf-8-sig"), Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
    return time.process_time() - start


def main() -> None:
    """Lint a directory with the default rules and with all, in one process."""
    inputs = [one for one in find([sys.argv[1]], stdin=sys.stdin.buffer, stdin_filename=None) if isinstance(one, Input)]
    base = compose(inputs)
    book = builtin()
    for name, rules in {"none": (), "default": [rule for rule in book.rules if rule.default], "all": book.rules}.items():
        start = time.process_time()
        report = lint(inputs, Standard(book, tuple(rules)).everywhere).report
        taken = time.process_time() - start
        found = sum(1 for _ in report.active)
        print(f"{taken / base:5.2f} times compose  rules: {name:8} {report.templates} templates, {found} findings")


if __name__ == "__main__":
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():  # noqa: PLR2004 - the script itself and a directory
        sys.exit(__doc__)
    main()
