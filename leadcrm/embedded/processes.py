"""Child processes that never outlive us, and finding those of an earlier life that did."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


@dataclass(frozen=True)
class Account:
    """The system account a server runs as when we are root."""

    uid: int
    gid: int


def die_with_parent(signum: int = signal.SIGKILL, *, parent: int | None = None) -> None:
    """Ask Linux to send this process `signum` when its parent dies; elsewhere the guard process does that.

    Called in the child, after it took on another account (doing so would clear the request). `parent` is who it
    should be: when that one has died in the meantime the signal is sent at once.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signum)


def spawn(
    command: Sequence[str],
    *,
    log: Path | None,
    dies_by: int,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    account: Account | None = None,
    keep: Iterable[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches only us and its whole group can be ended.

    Output is appended to `log`, or goes where ours goes (None); `dies_by` is the signal it gets when we die; `keep`
    are file descriptors it inherits.
    """
    parent = os.getpid()

    def in_child() -> None:
        die_with_parent(dies_by, parent=parent)

    with log.open("ab") if log else nullcontext() as out:
        return subprocess.Popen(  # noqa: S603
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if log else None,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=in_child,
            pass_fds=tuple(keep),
            **as_account(account),
        )


def as_account(account: Account | None) -> dict[str, Any]:
    """The arguments of subprocess that run a program as `account`, or as ourselves."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def is_alive(pid: int) -> bool:
    """Whether a process with this number exists and is not merely waiting to be collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return not LINUX


def working_in(folder: Path) -> list[int]:
    """Processes whose working folder is `folder`: how a database server of an earlier life is told (Linux only)."""
    return _processes(lambda process: (process / "cwd").readlink() == folder)


def carrying(marker: str) -> list[int]:
    """Processes started with NAME=value `marker` in their environment, ourselves excepted (Linux only)."""
    wanted = marker.encode()
    return [
        pid
        for pid in _processes(lambda process: wanted in (process / "environ").read_bytes().split(b"\0"))
        if pid != os.getpid()
    ]


def _processes(belongs: Callable[[Path], bool]) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*") if LINUX else ():
        try:
            if belongs(process) and is_alive(int(process.name)):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def wait_until_gone(find: Callable[[], list[int]], *, seconds: float) -> bool:
    """Wait until `find` finds no process any more; false when `seconds` were not enough."""
    until = time.monotonic() + seconds
    while find():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def clear_away(find: Callable[[], list[int]], *, patience: float) -> None:
    """Processes of an earlier life are on their way out: wait `patience` seconds, then kill what is left."""
    if wait_until_gone(find, seconds=patience):
        return
    for pid in find():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_until_gone(find, seconds=5)
