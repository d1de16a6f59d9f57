"""A whole LeadCRM, started as a person would, in a data folder of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from leadcrm.embedded.processes import carrying, working_in
from leadcrm.programs import ROOT

START_SECONDS = 360


class Site:
    """`leadcrm run` with its data in `data`. Use as a context manager: nothing of it survives the block."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        dropped = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
        inherited = {name: value for name, value in os.environ.items() if name not in dropped}
        self.environment = {
            **{name: value for name, value in inherited.items() if not name.startswith("LEADCRM_")},
            "LEADCRM_DATA": str(data),
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "leadcrm", *words]

    def say(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of LeadCRM on the same data folder, to its end."""
        return subprocess.run(
            self.command(*words), env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=120
        )

    def start(self, *words: str) -> Site:
        """`leadcrm run` until it says where it is."""
        self.begin(*words)
        until = time.monotonic() + START_SECONDS
        while not self.url:
            assert self.process and self.process.poll() is None, "\n".join(self.lines)
            assert time.monotonic() < until, "\n".join(self.lines)
            time.sleep(0.02)
        return self

    def begin(self, *words: str) -> None:
        """`leadcrm run`, without waiting for anything."""
        self.lines = []
        self.process = subprocess.Popen(
            self.command("run", "--port", "0", *words),
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=[self.process], daemon=True).start()

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self.lines.append(line.rstrip("\n"))

    @property
    def url(self) -> str:
        found = [match[1] for line in self.lines if (match := re.match(r"LeadCRM is at (http://\S+/)$", line))]
        return found[0] if found else ""

    def get(self, path: str, *, seconds: float = 10) -> str:
        """The body of a page of it, which may take `seconds`."""
        with urllib.request.urlopen(self.url + path.lstrip("/"), timeout=seconds) as answer:
            body: bytes = answer.read()
        return body.decode()

    def signal(self, signum: int) -> int:
        """Send the supervisor a signal and wait for its end; returns its exit code."""
        assert self.process
        self.process.send_signal(signum)
        return self.process.wait(60)

    def processes(self) -> list[int]:
        """Every process that belongs to this site and lives."""
        folder = self.data.resolve()
        found = {*carrying(f"LEADCRM_RUN={folder}"), *working_in(folder / "postgres/cluster")}
        if self.process and self.process.poll() is None:
            found.add(self.process.pid)
        return sorted(found | set(working_in(folder / "valkey")))

    def named(self, words: str) -> list[int]:
        """Those of its processes whose command line holds `words`."""
        return [pid for pid in self.processes() if words in command_line(pid)]

    def wait_for_processes(self, words: Iterable[str], *, seconds: float = 30) -> None:
        """Until a process for each of `words` runs."""
        until = time.monotonic() + seconds
        while not all(self.named(word) for word in words):
            assert time.monotonic() < until, [command_line(pid) for pid in self.processes()]
            time.sleep(0.05)

    def gone_within(self, seconds: float) -> bool:
        """Whether no process is left after at most `seconds`."""
        until = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
