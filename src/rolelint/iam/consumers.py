"""Which workloads run with which role? The properties that hand a role, or an instance profile, to something that runs.

Each line of ``data/consumers.tsv`` is such a property:

    type
    path            below Properties, as in places.tsv
    accepts         arn, name or name_or_arn of a role; instance_profile_ before it for a profile, which is a hop to its role
    services        the service principals that the role's trust should name, any of them; empty when it varies
    code            ``code`` when what runs with the role is written by those who deploy it
    who             who runs with it, if not the resource itself
    only            as in places.tsv

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

import os
from collections.abc import Iterator
from functools import cache

from rolelint.iam.places import HERE, Row, follow
from rolelint.template import data
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, Unknown, elements
from rolelint.tuples import NamedTuple

_TABLE = os.path.join(HERE, "consumers.tsv")
_PROFILE = "instance_profile"


class Use(NamedTuple):
    """A workload that names a role or an instance profile in one of its properties.

    ``expected_service`` has the service principals of which the role should trust one, ``who`` says who runs with it if that
    is not the resource itself, as in ``anonymous web identities``.
    """

    resource: Resource
    text: Text
    path: tuple[str, ...] = ()
    accepts: str = "arn"
    expected_service: tuple[str, ...] = ()
    runs_customer_code: bool = False
    who: str = ""

    @property
    def label(self) -> str:
        """The workload as a report names it."""
        return f"{self.resource.id} ({self.who})" if self.who else self.resource.id


class _Consumer(NamedTuple):
    """A line of the table."""

    row: Row
    accepts: str
    services: tuple[str, ...]
    runs_customer_code: bool
    who: str


def uses(template: Template, kind: str) -> Iterator[Use]:
    """The workloads that name something of a kind: ``role`` or ``instance_profile``."""
    for resource in template.resources.values():
        for consumer in _consumers(resource.type):
            if consumer.row.kind == kind:
                yield from _uses(template, resource, consumer)


def _uses(template: Template, resource: Resource, consumer: _Consumer) -> Iterator[Use]:
    for place in follow(resource, consumer.row, Scope(template)):
        if isinstance(place.node, Unknown):
            continue
        for _, value in elements(evaluate(place.node, Scope(template, place.when))):
            if isinstance(value, Text):
                _, accepts, services, code, who = consumer
                yield Use(resource, value, place.path, accepts, services, code, who)


@cache
def _consumers(kind: str) -> tuple[_Consumer, ...]:
    return tuple(map(_consumer, data.lines(_TABLE, kind)))


def _consumer(columns: list[str]) -> _Consumer:
    path, accepts, services, code, who, only = columns
    row = Row(tuple(path.split("/")), _PROFILE if accepts.startswith(_PROFILE) else "role", only=only)
    return _Consumer(row, accepts, tuple(filter(None, services.split("|"))), bool(code), who)
