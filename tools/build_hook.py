"""The build hook: the rules, compiled, go into the wheel, so that an installed rolelint never parses YAML rules."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ``rolelint/engine/rules.jsonl`` to a wheel; an editable one reads the checkout's rules instead."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the rules before the wheel is put together."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from rolelint.engine.rulebook import compile_rules  # noqa: PLC0415 - the package is importable only now

        with tempfile.NamedTemporaryFile(suffix=".jsonl", delete=False) as file:
            file.write(compile_rules(str(root / "rules")))
        self.compiled = Path(file.name)
        build_data["force_include"][file.name] = "rolelint/engine/rules.jsonl"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the compiled text once it is in the wheel."""
        if version != "editable":
            self.compiled.unlink()
