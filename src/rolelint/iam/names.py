"""Which resource does a name, an ARN or a reference mean?"""

from collections.abc import Collection

from rolelint.iam.places import reference
from rolelint.template.evaluate import Scope, possible_texts
from rolelint.template.intrinsics import get_att, ref
from rolelint.template.template import Template
from rolelint.template.values import Text


class Names:
    """The names and ARNs of a template's resources of some types, as their own properties and references tell them."""

    def __init__(self, template: Template, types: Collection[str]) -> None:
        self._template = template
        self._known: dict[tuple[str, str], str] = {}
        scope = Scope(template)
        for resource in template.resources.values():
            if resource.type in types:
                for value in (ref(resource.id, resource.key, scope), get_att(resource.id, "Arn", resource.key, scope)):
                    for _, text in possible_texts(value):
                        self._known[resource.type, str(text)] = resource.id

    def find(self, kind: str, text: Text) -> str | None:
        """The resource of a type that a text names, by reference or by the literal name that the resource gives itself."""
        target = self._template.resources.get(reference(text.node))
        if target is not None and target.type == kind:
            return target.id
        found = self._known.get((kind, str(text)))
        if found is None and text.symbol and text.symbol.kind == "attribute":
            return self._known.get((kind, f"${{{text.symbol.name.partition('.')[0]}}}"))
        return found
