"""The one folder in which everything lives: databases, secret, logs; locked while something runs in it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import stat
import tempfile
import time
from pathlib import Path

from leadcrm.embedded.errors import CannotRun

LONGEST_SOCKET_PATH = 100
"""Addresses of Unix sockets end at 104 to 108 bytes, depending on the system."""
LARGEST_LOG = 20 * 1024 * 1024


class DataFolder:
    """The data folder at `path`, made when missing. Raises CannotRun when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100  (a link to another disk stays a link)
        self._lock: int | None = None
        self.log_folder = self.path / "logs"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path = self.path.resolve()
            self.log_folder = self.path / "logs"
            self.log_folder.mkdir(mode=0o700, exist_ok=True)
            (self.path / "lock").open("a").close()
        except OSError as error:
            raise CannotRun(
                f"The data folder {self.path} cannot be written ({error.strerror}). "
                "Make it writable, or name another with LEADCRM_DATA."
            ) from None

    def lock(self) -> None:
        """Keep everybody else out until this process ends. Raises CannotRun when somebody is in already."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CLOEXEC)
        try:
            if not _locks(handle):  # may be another's `is_locked`, over at once
                time.sleep(0.2)
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            os.close(handle)
            raise CannotRun(
                f"LeadCRM is running already (process {owner}) with the data folder {self.path}. "
                "Stop it first, or name another folder with LEADCRM_DATA."
            ) from None
        except OSError as error:
            os.close(handle)
            raise CannotRun(f"The data folder {self.path} cannot be locked ({error.strerror}).") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._lock = handle

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def is_locked(self) -> bool:
        """Whether another process has the folder in use right now."""
        if self._lock is not None:
            return False
        with (self.path / "lock").open("a") as handle:
            return not _locks(handle.fileno())

    def secret(self, name: str, *, length: int = 40) -> str:
        """A random secret kept in the folder, readable by its owner only; made on first use."""
        path = self.path / name
        kept = path.read_text().strip() if path.exists() else ""
        if not kept:  # an empty file is what a full disk or a power cut may have left
            kept = secrets.token_urlsafe(length)
            write_private(path, kept)
        return kept

    def log(self, name: str) -> Path:
        """The log file of a part, put aside first when it has grown large."""
        path = self.log_folder / f"{name}.log"
        shorten(path)
        return path

    def keep_addresses(self, addresses: dict[str, str]) -> None:
        """Tell other commands (doctor, verify, import...) where the running servers are."""
        write_private(self.path / "addresses.json", json.dumps(addresses))

    def addresses(self) -> dict[str, str]:
        """What a running LeadCRM told; empty when nothing runs here."""
        try:
            kept: dict[str, str] = json.loads((self.path / "addresses.json").read_text())
        except (OSError, ValueError):
            return {}
        return kept if self.is_locked() else {}

    def socket_folder(self, name: str, *, longest_file: str) -> Path:
        """Where a server puts its socket: `name` in this folder, or a private short one when that path is too long."""
        inside = self.path / name
        if len(os.fsencode(inside / longest_file)) <= LONGEST_SOCKET_PATH:
            return inside
        key = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return private_folder(Path(tempfile.gettempdir()) / f"leadcrm-{os.geteuid()}-{key}") / name


def _locks(handle: int) -> bool:
    """Lock an open file if nobody else has it locked."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def private_folder(path: Path) -> Path:
    """`path` as a folder that only we can enter. Raises CannotRun when somebody else made it first."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotRun(f"{path} belongs to somebody else; use a data folder with a shorter path.")
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file readable by its owner only, wholly or not at all, and for good when this returns."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too
    finally:
        os.close(folder)


def shorten(log: Path) -> None:
    """Put a large log aside. Its writers append, so they go on in the emptied file."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.with_suffix(".old.log").write_bytes(log.read_bytes())
        os.truncate(log, 0)
