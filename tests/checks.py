"""Everything a machine can say about the code without running it. `python -m tests.checks`: one line for each.

And whether migrations run, whose result the tests begin with: the types take one processor for as long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PACKAGES = ("leadcrm", "contacts", "leads", "segments", "scoring", "forms_intake", "bench", "tests")


@dataclass(frozen=True)
class Result:
    name: str
    good: bool
    output: str
    seconds: float


def tool(name: str, *words: str, module: str = "") -> Callable[[], Result]:
    """A check by a program of our environment, which exits with 0 when all is well."""

    def check() -> Result:
        began = time.monotonic()
        start = [sys.executable, "-m", module] if module else [str(BIN / words[0])]
        rest = words if module else words[1:]
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "leadcrm.settings", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run([*start, *rest], capture_output=True, text=True, cwd=ROOT, env=environment)
        return Result(name, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began)

    return check


def packages() -> list[str]:
    return [name for name in PACKAGES if (ROOT / name).is_dir()]


CHECKS = [
    tool("types", "--no-error-summary", "--no-incremental", *packages(), module="mypy"),
    tool("migrations run on nothing", module="tests.migrated"),
    tool("style", "check", "--quiet", ".", module="ruff"),
    tool("format", "format", "--check", "--quiet", ".", module="ruff"),
    tool("import contract", "lint-imports", "--no-cache"),
    tool("migrations match models", "makemigrations", "--check", "--dry-run", "--no-input", module="manage"),
    tool("template style", "templates", "--lint", "--quiet", module="djlint"),
    tool("templates compile", module="tests.templates"),
    tool("sentences for visitors", "--check", module="tests.catalogues"),
]


def main() -> int:
    bad = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for result in pool.map(lambda check: check(), CHECKS):
            print(f"{'ok  ' if result.good else 'BAD '} {result.name} ({result.seconds:.1f} s)", flush=True)
            if not result.good:
                bad += 1
                print(result.output.rstrip(), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
