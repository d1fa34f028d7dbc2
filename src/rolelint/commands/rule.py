"""``rolelint rule``: what does a rule find, why does it matter and what is there to write instead?"""

from argparse import ArgumentParser, Namespace

from rolelint.commands.console import Parser, UsageError, did_you_mean, show
from rolelint.commands.options import add_rule_folders, read_rulebook


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(prog="rolelint rule", description="Shows what a rule finds, why it matters and what to write instead.")
    options.add_argument("name", nargs="?", metavar="NAME", help="the rule's name")
    options.add_argument("--all", action="store_true", help="every rule")
    options.add_argument("--format", choices=("text", "json"), default="text", help="how to show it (default: %(default)s)")
    add_rule_folders(options)
    return options


def run(asked: Namespace) -> int:
    """Show rules, and give the exit code."""
    from rolelint.engine import pages  # noqa: PLC0415 - linting needs no pages

    book = read_rulebook(asked)
    if asked.all == bool(asked.name):
        raise UsageError("name one rule, or --all", "rolelint rule --all lists them")
    rule = book.named(asked.name) if asked.name else None
    if asked.name and rule is None:
        raise UsageError(
            f"there is no rule named {asked.name!r}",
            did_you_mean(asked.name, [one.name for one in book.rules], "rolelint rule --all lists them"),
        )
    if asked.format == "json":
        show(pages.as_json(book, [rule] if rule else book.rules, one=rule is not None))
    else:
        show(pages.page(rule, book.page(rule.name)) if rule else pages.table(book.rules))
    return 0
