"""Programs that tests need besides Python: Chromium. `python -m tests.programs` finds it or installs it on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def chromium() -> str | None:
    """Where Chromium is: the environment's CHROMIUM, or the first of the usual names that is installed."""
    chosen = os.environ.get("CHROMIUM", "").strip()
    found = [chosen] if chosen else [path for name in NAMES if (path := shutil.which(name))]
    if not found and MAC.exists():
        found = [str(MAC)]
    return found[0] if found and shutil.which(found[0]) else None


def install() -> None:
    """Install it with apt-get, which takes root."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    words = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    if subprocess.run(words, env=quiet, stdin=subprocess.DEVNULL).returncode:
        subprocess.run(["apt-get", "update"], env=quiet, stdin=subprocess.DEVNULL)
        subprocess.run(words, env=quiet, stdin=subprocess.DEVNULL)


def main() -> int:
    if chromium() is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("chromium: not here, installing it", flush=True)
        install()
    found = chromium()
    if found is None:
        print("chromium: not found. Install Chromium or Chrome (Debian: apt-get install chromium),", file=sys.stderr)
        print("or set CHROMIUM to the path of one; tests drive it.", file=sys.stderr)
        return 1
    print(f"chromium: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
