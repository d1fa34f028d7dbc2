"""``rolelint inspect``: what do identities hold and may do, or what does an AWS managed policy grant?"""

import os
from argparse import ArgumentParser, Namespace

from rolelint.commands.console import Parser, say, show, standard_input
from rolelint.commands.options import add_configuration, add_parameters
from rolelint.usage import UsageError


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
        prog="rolelint inspect", description="Shows what identities hold and may do, or what an AWS managed policy grants."
    )
    options.add_argument("paths", nargs="+", metavar="PATH", help="templates, or the name of an AWS managed policy")
    options.add_argument("--format", choices=("text", "json"), default="text", help="how to show it (default: %(default)s)")
    add_parameters(options.add_argument_group("input"))
    add_configuration(options.add_argument_group("configuration"))
    return options


def run(asked: Namespace) -> int:
    """Show what there is, and give the exit code."""
    from rolelint.catalogue import managed_policies  # noqa: PLC0415 - only a look at a policy needs it here

    policy = managed_policies.find(asked.paths[0]) if len(asked.paths) == 1 and not os.path.exists(asked.paths[0]) else None
    if policy:
        from rolelint.reporters import policy_card  # noqa: PLC0415 - likewise

        show(policy_card.as_json(policy) if asked.format == "json" else policy_card.render(policy))
        return 0
    if len(asked.paths) == 1 and asked.paths[0].isalnum() and not os.path.exists(asked.paths[0]):
        close = managed_policies.similar(asked.paths[0])
        advice = f"did you mean {close[0]}?" if close else "give a template, a directory, or a policy by its name"
        raise UsageError(f"{asked.paths[0]} is neither a file nor an AWS managed policy", advice)
    from rolelint.commands.linting import READABLE  # noqa: PLC0415 - likewise
    from rolelint.commands.settings import asked_settings, misgiven_words  # noqa: PLC0415 - likewise
    from rolelint.inspect import inspect  # noqa: PLC0415 - likewise
    from rolelint.reporters import inspection, inspection_json  # noqa: PLC0415 - likewise
    from rolelint.syntax.files import find  # noqa: PLC0415 - likewise

    settings_for = asked_settings(asked)
    files = find(asked.paths, stdin=standard_input(), stdin_filename=None)
    accesses, mistakes = inspect(files, lambda path: settings_for(path).parameters)
    declared = [parameter.declaration for access in accesses for parameter in access.template.parameters.values()]
    mistakes += misgiven_words(asked, declared) if accesses else ()
    if not accesses and not mistakes:
        raise UsageError(f"no template in {', '.join(asked.paths)}", READABLE)
    show((inspection_json if asked.format == "json" else inspection).render(accesses))
    for mistake in mistakes:
        say("error", f"{mistake.path}: {mistake.reason}")
        say("help", mistake.help)
    return 2 if mistakes else 0
