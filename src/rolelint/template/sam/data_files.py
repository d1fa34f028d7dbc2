"""What does SAM know by name? Policy templates, connectors, the paths of AWS managed policies: read when they are asked for."""

import json
import os

from rolelint.template import data
from rolelint.template.sam.synthesis import Data
from rolelint.tuples import NamedTuple

_DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


class PolicyTemplate(NamedTuple):
    """A policy template: its parameters, all of them required, and its statements, where ``Ref`` names a parameter."""

    name: str
    parameters: tuple[str, ...]
    statements: list[Data]


class Profile(NamedTuple):
    """What a connector makes between two types of resources.

    ``makes`` is policy, permission, queue or topic; ``end`` is the end, source or destination, that it belongs to.
    ``allows`` has the statements, or the properties of a Lambda permission, by the name of the permission.
    """

    makes: str
    end: str
    allows: dict[str, dict[str, Data]]


def _row(name: str, *key: str) -> list[str]:
    return next(iter(data.lines(os.path.join(_DIRECTORY, name), *key)), [])


def policy_template(name: str) -> PolicyTemplate | None:
    """A policy template by its name."""
    row = _row("policy_templates.tsv", name)
    return PolicyTemplate(name, tuple(row[0].split()), json.loads(row[1])) if row else None


def profile(source: str, destination: str) -> Profile | None:
    """The profile of a connector between two resource types of CloudFormation's."""
    row = _row("connectors.tsv", source, destination)
    return Profile(row[0], row[1], json.loads(row[2])) if row else None


def managed_path(name: str) -> str:
    """The path of an AWS managed policy, with a slash at both ends."""
    return (_row("managed_paths.tsv", name) or ["/"])[0]
