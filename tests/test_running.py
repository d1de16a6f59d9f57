"""`leadcrm run` as people meet it: it starts, it serves, it ends without a trace, and it says what is in its way."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sites import Site

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc")

PROGRAMS = ["gunicorn", "--quiet worker", "--quiet beat", "valkey-server"]


@dataclass(frozen=True)
class Morning:
    """What a first start with the demo was like, until it was stopped; `data` is the folder that it left."""

    data: Path
    seconds: float
    url: str
    lines: list[str]
    health: str
    ready: dict[str, Any]
    supervisor: int
    second: subprocess.CompletedProcess[str]
    verified: subprocess.CompletedProcess[str]
    ended_with: int
    left: list[int]


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """One first start for all tests here, because it makes a database: they look at it, or go on in a copy."""
    with Site(tmp_path_factory.mktemp("morning") / "data") as site:
        began = time.monotonic()
        site.start("--demo")
        seconds = time.monotonic() - began
        health, ready = site.get("/healthz"), json.loads(site.get("/readyz"))
        second = site.say("run", "--port", "0")
        site.wait_for_processes(PROGRAMS)
        verified = site.say("verify")
        return Morning(
            site.data,
            seconds,
            site.url,
            list(site.lines),
            health,
            ready,
            site.process.pid if site.process else 0,
            second,
            verified,
            ended_with=site.signal(signal.SIGTERM),
            left=site.processes(),
        )


@pytest.fixture
def place(morning: Morning, tmp_path: Path) -> Path:
    """A data folder of which a first start has made something, and nothing runs in it."""
    copy = tmp_path / "data"
    subprocess.run(["cp", "-a", str(morning.data), str(copy)], check=True)
    return copy


def test_a_first_start_serves_with_the_demo_and_says_where_last(morning: Morning) -> None:
    assert morning.health == "ok\n"
    assert morning.ready["ready"] is True
    assert any("Sign in as sam" in line for line in morning.lines)
    assert morning.lines[-1] == f"LeadCRM is at {morning.url}"


def test_a_second_one_in_the_same_folder_is_refused_in_one_line(morning: Morning) -> None:
    assert (morning.second.returncode, morning.second.stdout) == (1, "")
    assert f"running already (process {morning.supervisor})" in one_line(morning.second.stderr)


def test_other_commands_work_meanwhile(morning: Morning) -> None:
    assert morning.verified.returncode == 0, morning.verified.stdout + morning.verified.stderr


def test_a_stop_leaves_no_process(morning: Morning) -> None:
    assert morning.ended_with == 0
    assert morning.left == []


def test_the_next_start_goes_on_where_the_last_one_ended_and_is_quicker(place: Path, morning: Morning) -> None:
    """How quick is a matter of the machine; that it makes nothing again is not."""
    with Site(place) as site:
        began = time.monotonic()
        site.start()
        assert "Sign in" in site.get("/sign-in/")
        took = time.monotonic() - began

        assert took < morning.seconds
        assert not any("migrations" in line for line in site.lines)
        assert any("Sign in as sam" in line for line in site.lines), "the demo's people are still there"
        assert site.signal(signal.SIGINT) == 0
        assert site.processes() == []


def test_the_doctor_finds_nothing_wrong_there(place: Path) -> None:
    with Site(place) as site:
        done = site.say("doctor", "--port", "0")
        left = site.processes()

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "Nothing is wrong."
    assert all(line.startswith("ok ") for line in done.stdout.splitlines()[:-1])
    assert "database: answers and is up to date" in done.stdout
    assert left == []


def test_what_is_in_the_way_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with Site(tmp_path / "data") as site:
            done = site.say("run", "--port", port)
            left = site.processes()

    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used (Address already in use)" in one_line(done.stderr)
    assert left == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LEADCRM_TIME_ZONE", "Mars", "LEADCRM_TIME_ZONE='Mars' cannot be used"),
        ("LEADCRM_PORT", "web", "LEADCRM_PORT='web' cannot be used"),
        ("LEADCRM_WORKER_PROCESSES", "0", "LEADCRM_WORKER_PROCESSES='0' cannot be used"),
        ("LEADCRM_PG_OPTIONS", "shared_buffers", "LEADCRM_PG_OPTIONS='shared_buffers' cannot be used"),
        ("DATABASE_URL", "mysql://me@host/crm", "DATABASE_URL="),
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/crm", "The database does not answer"),
        ("LEADCRM_DATA", "/proc/leadcrm", "The data folder /proc/leadcrm cannot be written"),
    ],
)
def test_nonsense_is_refused_in_one_line(tmp_path: Path, name: str, value: str, said: str) -> None:
    with Site(tmp_path / "data", **{name: value}) as site:
        done = site.say("run", *([] if name == "LEADCRM_PORT" else ["--port", "0"]))
        left = site.processes()

    assert done.returncode == 1
    assert said in one_line(done.stderr)
    assert "secret" not in done.stderr
    assert left == []


def test_a_dead_broker_is_a_warning_and_pages_are_served(place: Path) -> None:
    with Site(place, REDIS_URL="redis://127.0.0.1:1/0") as site:
        site.start()
        said = json.loads(site.get("/readyz"))

    assert any(line.startswith("Warning: Redis does not answer") for line in site.lines)
    assert (said["ready"], said["broker"]) == (True, "does not answer")


def test_web_refuses_to_serve_without_a_secret(tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://me@127.0.0.1:1/crm", "REDIS_URL": "redis://127.0.0.1:1/0"}
    with Site(tmp_path / "data", **elsewhere) as site:
        done = site.say("web", "--port", "0")

    assert done.returncode == 1
    assert "LEADCRM_SECRET_KEY is not set" in one_line(done.stderr)


@pytest.mark.deep
def test_stops_while_it_starts_leave_nothing(tmp_path: Path) -> None:
    """Each a little further on in the same first start, which the last one then ends."""
    with Site(tmp_path / "data") as site:
        for after in (0.3, 1.0, 2.0, 4.0, 8.0):
            site.begin()
            time.sleep(after)
            site.signal(signal.SIGTERM)

            assert site.processes() == []
            assert not any("Traceback" in line or "Exception" in line for line in site.lines), "\n".join(site.lines)
        assert site.start().get("/healthz") == "ok\n"


@pytest.mark.deep
def test_the_death_of_the_supervisor_leaves_nothing(place: Path) -> None:
    with Site(place) as site:
        site.start()
        site.wait_for_processes(PROGRAMS)

        site.signal(signal.SIGKILL)

        assert site.gone_within(10)
        assert site.start().get("/healthz") == "ok\n"


@pytest.mark.deep
def test_a_start_right_after_the_supervisors_death(place: Path) -> None:
    """The old servers are still on their way out when the new ones want their folders."""
    with Site(place) as site:
        site.start()
        site.wait_for_processes(PROGRAMS)
        site.signal(signal.SIGKILL)

        assert site.start().get("/healthz") == "ok\n"
        assert site.signal(signal.SIGTERM) == 0
        assert site.processes() == []


@pytest.mark.deep
def test_after_kill_9_of_everything_it_just_starts(place: Path) -> None:
    with Site(place) as site:
        site.start()
        site.wait_for_processes(PROGRAMS)
        for pid in sorted(site.processes(), reverse=True):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

        assert site.gone_within(5)
        assert site.start().get("/healthz") == "ok\n"
        assert any("Sign in as sam" in line for line in site.lines)


@pytest.mark.deep
def test_a_pid_file_that_names_a_stranger_is_no_hindrance(place: Path) -> None:
    with Site(place) as site:
        site.start()
        site.signal(signal.SIGTERM)
        stale = site.data / "postgres/cluster/postmaster.pid"
        stale.write_text(f"{os.getpid()}\n{site.data}/postgres/cluster\n1700000000\n5432\n/tmp\n\n  5432001    32768\n")
        stale.chmod(0o600)

        assert site.start().get("/healthz") == "ok\n"


@pytest.mark.deep
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_dies_is_started_again(place: Path, program: str) -> None:
    with Site(place) as site:
        site.start()
        site.wait_for_processes(PROGRAMS)
        died = min(site.named(program))

        os.kill(died, signal.SIGKILL)
        until = time.monotonic() + 20
        while died in site.processes() or not site.named(program):
            assert time.monotonic() < until, site.lines
            time.sleep(0.05)

        assert site.get("/healthz", seconds=60) == "ok\n", "whoever asks meanwhile waits, and is not sent away"
        assert any("starting it again" in line for line in site.lines)


@pytest.mark.deep
def test_postgres_may_die_and_pages_recover(place: Path) -> None:
    with Site(place) as site:
        site.start()
        postmaster = int((site.data / "postgres/cluster/postmaster.pid").read_text().split()[0])

        os.kill(postmaster, signal.SIGKILL)
        until = time.monotonic() + 30
        while True:
            try:
                if json.loads(site.get("/readyz"))["database"] == "ok" and postmaster not in site.processes():
                    break
            except OSError:
                pass
            assert time.monotonic() < until, site.lines
            time.sleep(0.1)


@pytest.mark.deep
def test_a_long_path_with_blanks_and_signs(tmp_path: Path) -> None:
    """Sockets then live in a short private folder; addresses survive quoting."""
    with Site(tmp_path / ("a folder, 100% ours & long" * 4) / "data") as site:
        assert json.loads(site.start().get("/readyz"))["broker"] == "ok"
        assert site.signal(signal.SIGTERM) == 0
        assert site.processes() == []


@pytest.mark.deep
def test_a_private_folder_above_stays_private(tmp_path: Path) -> None:
    """As root PostgreSQL runs as somebody who may not even look into the folders above its own."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with Site(home / "project" / "data") as site:
        assert json.loads(site.start().get("/readyz"))["database"] == "ok"

        assert home.stat().st_mode & 0o777 == 0o700
        assert home.stat().st_uid == os.geteuid()
        assert site.data.stat().st_mode & 0o777 == 0o700


def one_line(text: str) -> str:
    assert len(text.splitlines()) == 1, text
    return text
