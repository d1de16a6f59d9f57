"""The data folder, the servers' settings, and what becomes of children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leadcrm.embedded import folder as folders
from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.folder import DataFolder
from leadcrm.embedded.postgres import OPTIONS, options
from leadcrm.embedded.processes import is_alive, spawn
from leadcrm.lib.env import BadEnvironment
from leadcrm.programs import ROOT
from leadcrm.supervisor import Child, Supervisor


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")

    first = folder.secret("secret-key")

    assert len(first) >= 40
    assert DataFolder(tmp_path / "data").secret("secret-key") == first
    assert (folder.path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_an_empty_secret_is_no_secret(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (folder.path / "secret-key").write_text("\n")

    made = folder.secret("secret-key")

    assert len(made) >= 40
    assert folder.secret("secret-key") == made


def test_a_private_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, synced = tmp_path / "secret", os.fsync
    seen: list[bool] = []

    def sync(handle: int) -> None:
        seen.append(path.exists())
        synced(handle)

    monkeypatch.setattr(os, "fsync", sync)

    folders.write_private(path, "words")

    assert seen == [False, True]  # the text, then the folder that holds the name
    assert path.read_text() == "words"


def test_a_folder_whose_permissions_forbid_writing_is_named() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o555)
        with as_somebody_ordinary(), pytest.raises(CannotRun, match=r"cannot be written \(Permission denied\)"):
            DataFolder(Path(place))
        assert list(Path(place).iterdir()) == []


@contextmanager
def as_somebody_ordinary() -> Iterator[None]:
    """For whom permissions count: to root they say nothing."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


def test_only_one_may_have_the_folder(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    first.lock()

    with pytest.raises(CannotRun, match=f"process {os.getpid()}"):
        second.lock()
    assert second.is_locked()

    first.unlock()
    assert not second.is_locked()
    second.lock()


def test_addresses_count_only_while_their_owner_lives(tmp_path: Path) -> None:
    owner, other = DataFolder(tmp_path), DataFolder(tmp_path)
    owner.lock()
    owner.keep_addresses({"REDIS_URL": "unix:///x"})
    assert other.addresses() == {"REDIS_URL": "unix:///x"}

    owner.unlock()

    assert other.addresses() == {}


def test_sockets_of_a_long_path_live_in_a_short_private_folder(tmp_path: Path) -> None:
    short, long = DataFolder(tmp_path / "a"), DataFolder(tmp_path / ("b" * 100))

    assert short.socket_folder("valkey", longest_file="v.sock") == short.path / "valkey"
    elsewhere = long.socket_folder("valkey", longest_file="v.sock")
    assert len(str(elsewhere)) < 60
    assert elsewhere.parent.stat().st_mode & 0o777 == 0o700
    assert elsewhere != DataFolder(tmp_path / ("c" * 100)).socket_folder("valkey", longest_file="v.sock")


def test_a_short_folder_that_is_a_trap_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with pytest.raises((CannotRun, FileExistsError)):
        folders.private_folder(tmp_path / "link")


def test_a_large_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LARGEST_LOG", 10)
    folder = DataFolder(tmp_path)
    log = folder.log("web")
    log.write_text("more than ten bytes")

    assert folder.log("web").read_text() == ""
    assert (folder.log_folder / "web.old.log").read_text() == "more than ten bytes"


def test_settings_of_the_database_can_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options() == OPTIONS
    assert OPTIONS["fsync"] == "on"

    monkeypatch.setenv("LEADCRM_PG_OPTIONS", "work_mem=64MB log_line_prefix='%m '")

    assert options() == {**OPTIONS, "work_mem": "64MB", "log_line_prefix": "%m "}


@pytest.mark.parametrize("given", ["work_mem", "=1", "work_mem='1", "WORK MEM=1", "-c=2"])
def test_settings_that_make_no_sense_are_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("LEADCRM_PG_OPTIONS", given)

    with pytest.raises(BadEnvironment, match="LEADCRM_PG_OPTIONS"):
        options()


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(say=said.append)
    child = supervisor.add(
        Child("liar", lambda: spawn([sys.executable, "-c", ""], log=tmp_path / "log", dies_by=signal.SIGKILL))
    )

    until = time.monotonic() + 10
    while len(child.exits) < 3 and time.monotonic() < until:
        supervisor._look_after_children()
        supervisor.sleep(0.02)
    supervisor.stop()

    assert child.exits == [0, 0, 0]
    assert [line.rpartition(" in ")[2] for line in said] == ["0.5 s.", "1 s.", "2 s."]


def test_a_child_that_will_not_end_is_killed_with_its_own_children(tmp_path: Path) -> None:
    stubborn = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "60"])
print(child.pid, flush=True)
time.sleep(60)
"""
    log = tmp_path / "log"
    supervisor = Supervisor(say=lambda line: None)
    command = [sys.executable, "-c", stubborn]
    supervisor.add(Child("stubborn", lambda: spawn(command, log=log, dies_by=signal.SIGKILL), patience=0.3))
    until = time.monotonic() + 10
    while not log.read_text() and time.monotonic() < until:
        time.sleep(0.02)

    supervisor.stop()

    until = time.monotonic() + 8
    while is_alive(int(log.read_text())) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(int(log.read_text()))


@pytest.mark.parametrize("guarded", [False, True], ids=["by the kernel", "by the guard"])
def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path, guarded: bool) -> None:
    program = f"""
import signal, sys, time
from pathlib import Path
from leadcrm.embedded import processes
from leadcrm.supervisor import Child, Guard, Supervisor
if {guarded}:
    processes._libc = None
supervisor = Supervisor(say=print)
if {guarded}:
    supervisor._guard = Guard()
start = lambda: processes.spawn(["sleep", "60"], log=Path({str(tmp_path / "log")!r}), dies_by=signal.SIGTERM)
print(supervisor.add(Child("sleeper", start)).process.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert is_alive(child)

        parent.kill()
        parent.wait()

        until = time.monotonic() + 8
        while is_alive(child) and time.monotonic() < until:
            time.sleep(0.02)
        assert not is_alive(child)
