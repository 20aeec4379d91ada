"""How soon the command line answers: wall time of whole commands, the fastest of a few tries.

Run as `python -m benchmarks.commands [--tries N] [--json FILE]`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import report

COMMANDS = {
    "help": ("--help",),
    "check": ("check", "tiny"),
    "run": ("run", "tiny", "--out", "run"),
}
"""What is measured, by name; aims: 0.3 s, 0.5 s and 2 s."""


def fastest(arguments: tuple[str, ...], tries: int) -> float:
    """Seconds that a command takes; one more run before the measured ones fills the caches."""
    seconds = []
    for _ in range(tries + 1):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            subprocess.run(
                [Path(sys.executable).with_name("weal"), *arguments],
                cwd=folder,
                check=True,
                capture_output=True,
            )
            seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def main() -> None:
    """Measure and print the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=3, help="measured tries of each command")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    seconds = {
        f"seconds_{name}": round(fastest(arguments, chosen.tries), 3)
        for name, arguments in COMMANDS.items()
    }
    report({"benchmark": "commands", **seconds}, chosen.json)


if __name__ == "__main__":
    main()
