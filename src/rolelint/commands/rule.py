"""``rolelint rule``: what does a rule find, why does it matter and what is there to write instead?"""

from argparse import ArgumentParser, Namespace

from rolelint.commands.console import Parser, show
from rolelint.commands.options import add_configuration, add_rule_folders
from rolelint.usage import UsageError, did_you_mean


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
        prog="rolelint rule",
        description="Shows what a rule finds, why it matters and what to write instead.",
        epilog=(
            "examples:\n"
            "  rolelint rule passrole-any-role                 one rule\n"
            "  rolelint rule --all --format json               all rules, for a program\n"
            "  rolelint rule new no-iam-users --dir rules      write a rule of your own\n"
            "  rolelint rule test rules                        run the examples of your rules"
        ),
    )
    options.add_argument("name", nargs="?", metavar="NAME", help="the rule's name")
    options.add_argument("--all", action="store_true", help="every rule")
    options.add_argument("--format", choices=("text", "json"), default="text", help="how to show it (default: %(default)s)")
    add_rule_folders(options)
    add_configuration(options)
    return options


def run(asked: Namespace) -> int:
    """Show rules, and give the exit code."""
    from rolelint.commands.settings import asked_settings  # noqa: PLC0415 - --help needs none of it
    from rolelint.commands.standards import LIST, rulebook  # noqa: PLC0415 - likewise
    from rolelint.engine import pages  # noqa: PLC0415 - linting needs no pages

    if asked.all == bool(asked.name):
        raise UsageError("name one rule, or --all", LIST)
    book = rulebook(asked_settings(asked)(".").rules)
    rule = book.named(asked.name) if asked.name else None
    if asked.name and rule is None:
        raise UsageError(
            f"there is no rule named {asked.name!r}", did_you_mean(asked.name, [one.name for one in book.rules], LIST)
        )
    if asked.format == "json":
        show(pages.as_json(book, [rule] if rule else book.rules, one=rule is not None))
    else:
        show(pages.page(rule, book.page(rule.name)) if rule else pages.table(book.rules))
    return 0
