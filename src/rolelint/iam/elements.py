"""What are the parts of a policy statement? Patterns of actions and resources, principals, lines of conditions.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from rolelint.catalogue import condition_keys
from rolelint.iam import operators
from rolelint.syntax.source import Span
from rolelint.template.values import Text, When
from rolelint.tuples import NamedTuple


class Pattern(NamedTuple):
    """An action, resource or other text of a statement, and what must hold for it to stand there."""

    text: Text
    when: When = ()

    @property
    def span(self) -> Span:
        """The characters that it stands on."""
        return self.text.span


class PrincipalPattern(NamedTuple):
    """A principal that a statement names: kind AWS, Service, Federated or CanonicalUser, or ``*`` for the bare star."""

    kind: str
    text: Text
    when: When = ()

    @property
    def span(self) -> Span:
        """The characters that it stands on."""
        return self.text.span


class Condition(NamedTuple):
    """One line of a Condition block: an operator, a key and the values that it compares with."""

    operator: str
    key: Text
    values: tuple[Pattern, ...]
    when: When = ()

    @property
    def name(self) -> str:
        """The condition key in lower case: keys are compared without regard to case."""
        return str(self.key).lower()

    @property
    def asks_for_key(self) -> bool:
        """Whether it holds for no request that lacks the key."""
        operator = operators.read(self.operator)
        if operator.family == "null":
            return self._says("false")
        return operator.family is not None and bool(self.values) and not operator.holds_without_key

    def never_holds_for(self, action: str) -> bool:
        """Whether it asks for a key that no request for an action carries."""
        return self.asks_for_key and condition_keys.is_never_there(self.name, action)

    def always_holds_for(self, action: str) -> bool:
        """Whether it is fulfilled by requests that lack the key, and no request for an action carries that."""
        operator = operators.read(self.operator)
        without = self._says("true") if operator.family == "null" else operator.holds_without_key
        return without and condition_keys.is_never_there(self.name, action)

    def _says(self, word: str) -> bool:
        return {(value.text.literal or "").lower() for value in self.values} == {word}


def is_every_action(pattern: str) -> bool:
    """Whether an action pattern matches every name that there is: ``*``, ``*:*``, ``?*``."""
    return set(pattern) <= {"*", "?", ":"} and all("*" in part for part in pattern.split(":"))
