"""Keeps child processes running: starts them, starts them again when they die, and ends them all when it ends."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from leadcrm.embedded.processes import LINUX

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a child that died is started again: doubled each time, begun anew once it has run for a minute."""
STEADY_SECONDS = 60.0
HOUSEKEEPING_SECONDS = 60.0


@dataclass
class Child:
    """One program to keep running. `start` makes its process; `stop_signal` asks it to end in good order.

    It has `patience` seconds to do so; then its whole process group is killed.
    """

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_signal: int = signal.SIGTERM
    patience: float = 10.0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    start_at: float = 0.0
    exits: list[int] = field(default_factory=list)


class StopAsked(Exception):
    """Somebody asked us to stop while we waited for something else."""


class Supervisor:
    """Owns children. `say` prints one line; `housekeeping` is called once a minute while all is quiet."""

    def __init__(self, *, say: Callable[[str], None], housekeeping: Callable[[], None] | None = None) -> None:
        self.say = say
        self.housekeeping = housekeeping
        self.children: list[Child] = []
        self.stop_requests = 0
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)
        self._guard = None if LINUX else Guard()

    def listen_to_signals(self) -> None:
        """From now on SIGTERM, SIGINT and SIGHUP ask whatever waits here to stop, and a dying child wakes it.

        Nothing is raised in the middle of something else: a library's clean-up would swallow it, or break.
        """
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:  # nohup asks to ignore it
                signal.signal(signum, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _asked_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stop_requests += 1

    @property
    def stopping(self) -> bool:
        return self.stop_requests > 0

    def add(self, child: Child) -> Child:
        """Keep `child` running; starts it unless it has a process already."""
        self.children.append(child)
        if child.process is None:
            self._start(child)
        elif self._guard:
            self._guard.watch(child.process.pid)
        child.started_at = child.started_at or time.monotonic()
        return child

    def watch(self) -> None:
        """Run until asked to stop; start again whatever dies."""
        next_housekeeping = time.monotonic() + HOUSEKEEPING_SECONDS
        while not self.stopping:
            self._look_after_children()
            if self.housekeeping and time.monotonic() > next_housekeeping:
                next_housekeeping = time.monotonic() + HOUSEKEEPING_SECONDS
                self.housekeeping()
            self.sleep(self._until_next_start())

    def sleep(self, seconds: float) -> None:
        """Wait, but wake for any signal."""
        readable, _, _ = select.select([self._wake_read], [], [], seconds)
        if readable:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)

    def pause(self, seconds: float) -> None:
        """Wait at most so long. Raises StopAsked."""
        if not self.stopping:
            self.sleep(seconds)
        if self.stopping:
            raise StopAsked

    def finish(self, process: subprocess.Popen[bytes]) -> int:
        """Wait for a program that ends by itself; its exit code. Raises StopAsked, once the program is gone."""
        if self._guard:
            self._guard.watch(process.pid)
        try:
            while process.poll() is None:
                self.pause(HOUSEKEEPING_SECONDS)
        finally:
            kill_group(process.pid)
            process.wait()
        return process.returncode

    def stop(self) -> None:
        """End all children, the last one added first. A second request to stop kills at once."""
        for child in reversed(self.children):
            self._stop(child)
        self.children.clear()

    def _start(self, child: Child) -> None:
        child.started_at = time.monotonic()
        try:
            child.process = child.start()
        except Exception as error:  # whatever keeps it from starting now may be gone at the next try
            self.say(f"{child.name} could not be started: {error}")
            child.process = None
            self._pause(child)
            return
        if self._guard:
            self._guard.watch(child.process.pid)

    def _look_after_children(self) -> None:
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.start_at and not self.stopping:
                    self._start(child)
                continue
            code = child.process.poll()
            if code is None:
                continue
            kill_group(child.process.pid)
            child.exits.append(code)
            child.process = None
            if time.monotonic() - child.started_at > STEADY_SECONDS:
                child.pause = FIRST_PAUSE
            self.say(f"{child.name} ended ({describe_exit(code)}); starting it again in {child.pause:g} s.")
            self._pause(child)

    def _pause(self, child: Child) -> None:
        child.start_at = time.monotonic() + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _until_next_start(self) -> float:
        waiting = [child.start_at - time.monotonic() for child in self.children if child.process is None]
        return max(0.01, min([*waiting, HOUSEKEEPING_SECONDS]))

    def _stop(self, child: Child) -> None:
        process = child.process
        if process is None:
            return
        hurried = self.stop_requests > 1
        if process.poll() is None:
            process.send_signal(child.stop_signal)
        until = time.monotonic() + child.patience
        while process.poll() is None and time.monotonic() < until:
            self.sleep(min(0.1, max(0.0, until - time.monotonic())))
            if self.stop_requests > 1 and not hurried:
                hurried, until = True, min(until, time.monotonic() + 1)
        if process.poll() is None:
            self.say(f"{child.name} did not end in time and was killed.")
        kill_group(process.pid)
        process.wait()
        child.process = None


class Guard:
    """Where no kernel tells children that we died: a small process that ends their groups when our pipe closes."""

    PROGRAM = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
groups = [int(line) for line in sys.stdin]
for signum, pause in ((signal.SIGTERM, 5), (signal.SIGKILL, 0)):
    for group in groups:
        try: os.killpg(group, signum)
        except OSError: pass
    time.sleep(pause)
"""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", self.PROGRAM], stdin=subprocess.PIPE, start_new_session=True, text=True
        )

    def watch(self, group: int) -> None:
        """End the process group `group` too."""
        if self.process.stdin:
            self.process.stdin.write(f"{group}\n")
            self.process.stdin.flush()


def kill_group(leader: int) -> None:
    """Kill whatever is left of a child's process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def describe_exit(code: int) -> str:
    """Words for a return code of subprocess."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
