"""Which options do several commands take?"""

from argparse import ArgumentParser, _ArgumentGroup
from typing import TypeAlias

Options: TypeAlias = ArgumentParser | _ArgumentGroup


def add_lint_options(options: ArgumentParser) -> None:
    """All that decides which files are linted, by which rules, and what their parameters will be."""
    reading = options.add_argument_group("input")
    add_files(reading)
    reading.add_argument("--stdin-filename", metavar="NAME", help="the name to report for standard input")
    add_parameters(reading)
    rules = options.add_argument_group("rules")
    rules.add_argument(
        "--select",
        metavar="RULES",
        action="append",
        help="only these, by comma, or globs like 'trust-*'; ALL turns every rule on",
    )
    rules.add_argument("--extend-select", metavar="RULES", action="append", default=[], help="turn these on as well")
    rules.add_argument("--ignore", metavar="RULES", action="append", default=[], help="turn these off")
    add_rule_folders(rules)
    rules.add_argument("--with-parliament", action="store_true", help="ask parliament, too (pip install 'rolelint[parliament]')")
    rules.add_argument("--private-auditors", metavar="DIR", help="the team's own auditors for parliament: Python code, it is run")
    rules.add_argument("--no-ignores", action="store_true", help="show what the templates excuse, too")
    rules.add_argument(
        "--foreign-ignores", action="store_true", help="suppressions for cfn_nag, checkov, cdk_nag, cfn-lint and cfn-guard count"
    )
    configuration = options.add_argument_group("configuration")
    add_configuration(configuration)


def add_files(group: Options) -> None:
    """The files to read."""
    group.add_argument("paths", nargs="*", metavar="PATH", help="files, directories, globs or - (default: this directory)")
    group.add_argument(
        "--exclude", metavar="GLOB", action="append", default=[], help="leave out what a directory has under these names"
    )
    group.add_argument("--force-exclude", action="store_true", help="leave it out even when it is named, as hooks do")
    group.add_argument("--no-respect-gitignore", action="store_true", help="read what git ignores, too")


def add_configuration(group: Options) -> None:
    """Where the configuration comes from."""
    group.add_argument(
        "--config",
        metavar="FILE",
        help="this configuration file, not the .rolelint.toml or the like that is nearest to each template",
    )
    group.add_argument("--isolated", action="store_true", help="look for no configuration files, ignore the environment")


def add_rule_folders(group: Options) -> None:
    """The option that adds a team's own rules."""
    group.add_argument("--rules", metavar="DIR", action="append", default=[], help="add the rules in the files of a directory")


def add_parameters(group: Options) -> None:
    """The options that give parameters values."""
    group.add_argument("--parameters", metavar="FILE", action="append", default=[], help="a file with values of parameters")
    group.add_argument("--parameter", metavar="NAME=VALUE", action="append", default=[], help="the value of one parameter")
