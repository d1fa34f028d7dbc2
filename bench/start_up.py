"""What does one template cost, cold? Prints CPU time as a ratio to ``python -c 'import yaml'``, both from this run.

python bench/start_up.py [TEMPLATE…]
"""

import compileall
import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_templates"
RUNS = 15


def seconds(commands: list[list[str]]) -> list[float]:
    """The least CPU time of several runs of each command, in seconds; they take turns, so that a busy moment is none's alone."""
    least = [float("inf")] * len(commands)
    for _ in range(RUNS):
        for index, command in enumerate(commands):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            least[index] = min(least[index], after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return least


def main() -> None:
    """Print one line a template."""
    compileall.compile_dir(ROOT / "src", quiet=1)  # as pip does when it installs
    python, start = [sys.executable, "-c"], "from rolelint.cli import run; run()"
    templates = sys.argv[1:] or [str(path) for path in sorted(SAMPLES.iterdir())]
    base, *taken = seconds([[*python, "import yaml"], *([*python, start, template] for template in templates)])
    for template, time in zip(templates, taken, strict=True):
        print(f"{time / base:5.2f} times import yaml, {time * 1000:4.0f} ms  {os.path.relpath(template)}")


if __name__ == "__main__":
    main()
