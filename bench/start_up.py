"""What does one template cost, cold? Prints CPU time as a ratio to ``python -c 'import yaml'``, both from this run.

python bench/start_up.py [TEMPLATE…]
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "sample_templates"
RUNS = 15


def seconds(*command: str) -> float:
    """The least CPU time of several runs of a command, in seconds."""
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def main() -> None:
    """Print one line a template."""
    start = "import sys; from rolelint.cli import run; run()"
    base = seconds(sys.executable, "-c", "import yaml")
    for template in sys.argv[1:] or [str(path) for path in sorted(SAMPLES.iterdir())]:
        taken = seconds(sys.executable, "-c", start, template)
        print(f"{taken / base:5.2f} times import yaml  {os.path.relpath(template)}")


if __name__ == "__main__":
    main()
