"""Which template is a file, with what the other files of the run tell about it?"""

from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly

from rolelint.syntax.files import File, Input
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.reader import Parsed, read
from rolelint.syntax.source import Source
from rolelint.template.nesting import Load, exports_of, with_nested
from rolelint.template.template import Export, Exports, Template, build, is_policy, is_template


def read_template(given: Input) -> Parsed:
    """A file that was read; one that holds no template and no policy is to be skipped, with the reason."""
    parsed = read(given.path, given.data)
    if parsed.skip is None and parsed.root is not None and not (is_template(parsed.root) or is_policy(parsed.root)):
        return parsed._replace(skip="neither a template with resources nor a policy document")
    return parsed


def whole_template(source: Source, root: Mapping, given: ReadOnly[str, str], exports: Exports, load: Load) -> Template:
    """The template that a file holds, with those nested in it and what others of the run export."""
    return with_nested(build(source, root, given=given)._replace(exports=exports), load)


def exports_among(inputs: Iterable[File]) -> Exports:
    """What the templates among some files export, by name; they are read when the first import is met."""
    exporting = [one for one in inputs if isinstance(one, Input) and b"Export" in one.data]
    known: dict[str, Export] = {}

    def find(name: str) -> Export | None:
        while exporting:
            one = exporting.pop()
            parsed = read(one.path, one.data)
            if isinstance(parsed.root, Mapping) and is_template(parsed.root):
                known.update(exports_of(build(parsed.source, parsed.root)))
        return known.get(name)

    return find
