"""python -m bench NAME [--full], or education DATA.csv: prints one JSON line, last. See README.md."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from bench.server import running
from leadcrm.embedded.errors import CannotRun
from leadcrm.lib.env import BadEnvironment

NAMES = (
    "accept",
    "track",
    "process",
    "process-size",
    "latency",
    "rescore",
    "segment",
    "segment-delta",
    "editor",
    "lists",
    "clicks",
    "rules",
    "memory",
    "import",
    "export",
    "education",
)


MODULES = {"import": "importing", "export": "exporting"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("file", nargs="?", type=Path, help="education: the file of leads")
    parser.add_argument("--full", action="store_true", help="the size of the promises: 1,000,000 leads; takes long")
    parser.add_argument("--leads", type=int, help="how many leads the database has")
    parser.add_argument("--rounds", type=int, help="how often both sides are measured")
    options = parser.parse_args()
    if (options.name == "education") != (options.file is not None):
        parser.error("education, and nothing else, needs the file of leads")
    try:
        with running() as server:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")
            django.setup()
            # Only now: what a benchmark imports needs the settings, and those need the server's address.
            benchmark = import_module(f"bench.{MODULES.get(options.name, options.name.replace('-', '_'))}")
            sizes = benchmark.FULL if options.full else benchmark.DEFAULT
            report = benchmark.measure(server, **{**sizes, **chosen(options)})
    except (CannotRun, BadEnvironment) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(report.line())
    return 0


def chosen(options: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name in ("leads", "rounds", "file") if (value := getattr(options, name))}


if __name__ == "__main__":
    sys.exit(main())
