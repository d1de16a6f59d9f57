"""The programs that take part: our worker and web server, the bare view, wrk, and the limits."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from bench.server import BASE, LIMITS, Server, data_folder
from leadcrm.celery import app
from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.processes import spawn
from leadcrm.programs import web_command, worker_command

START_SECONDS = 30


@contextmanager
def program(
    name: str, command: Sequence[str], *, cwd: Path = BASE, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` while this lasts; its output goes to `name`.log in the data folder."""
    process = spawn(
        command, log=data_folder().log(name), dies_by=signal.SIGKILL, env={**os.environ, **(env or {})}, cwd=cwd
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def worker() -> Iterator[int]:
    """One Celery worker process on the database in use; ready when this begins, with its process id."""
    name = f"bench-{os.getpid()}@localhost"
    command = [*worker_command(), "--concurrency", "1", "--hostname", name]
    with program("bench-worker", command) as process:
        until = time.monotonic() + START_SECONDS
        while not app.control.ping(destination=[name], timeout=0.5):
            if process.poll() is not None or time.monotonic() > until:
                raise CannotRun(f"The worker did not start; see {data_folder().log('bench-worker')}.")
        yield process.pid


@contextmanager
def our_web(env: Mapping[str, str]) -> Iterator[str]:
    """Our web server as `leadcrm web` starts it, with two processes; its address, such as http://127.0.0.1:40123."""
    with our_web_process(env) as (address, _):
        yield address


@contextmanager
def our_web_process(env: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """As `our_web`; its address and its process id."""
    port = free_port()
    with program("bench-web", web_command(f"127.0.0.1:{port}"), env={"LEADCRM_WEB_PROCESSES": "2", **env}) as process:
        yield when_it_answers(port, process), process.pid


@contextmanager
def bare_web(env: Mapping[str, str]) -> Iterator[str]:
    """The bare view as its own words say, with two processes; its address."""
    port = free_port()
    with program("bench-bare-table", [sys.executable, "bare_view.py"], cwd=LIMITS, env=env) as making:
        making.wait(START_SECONDS)
    command = [sys.executable, "-m", "gunicorn", "bare_view:application", "-w", "2", "-b", f"127.0.0.1:{port}"]
    with program("bench-bare-web", command, cwd=LIMITS, env=env) as process:
        yield when_it_answers(port, process)


def when_it_answers(port: int, process: subprocess.Popen[bytes]) -> str:
    """The address at `port` once it answers. Raises CannotRun when its process ends or it takes too long."""
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + START_SECONDS
    while not answers(f"{url}/"):
        if process.poll() is not None or time.monotonic() > until:
            raise CannotRun(f"A web server did not start; see the logs in {data_folder().log_folder}.")
        time.sleep(0.05)
    return url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether a worker answers, whatever it says: gunicorn listens before its workers have started."""
    try:
        urlopen(url, timeout=5).close()
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True


def wrk(
    url: str,
    *,
    seconds: int,
    path: str,
    script: Path = LIMITS / "post.lua",
    env: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """Post to `url`+`path` from eight connections: {"requests_per_s", "p50_ms", "p95_ms", "errors"}."""
    found = shutil.which("wrk")
    if not found:
        raise CannotRun("This benchmark needs wrk, which is not here. On Debian: apt-get install wrk")
    command = [found, "-t1", "-c8", f"-d{seconds}s", "-s", str(script), url + path]
    return last_line(command, env={"POST_PATH": path, **(env or {})})


def limit(server: Server, name: str, *, contacts: int) -> dict[str, Any]:
    """One run of one of `limits/limits.py`, in a database of its own on the same server."""
    server.ensure(server.limits)
    command = [sys.executable, str(LIMITS / "limits.py"), server.address(server.limits), name, "--runs", "1"]
    return last_line([*command, "--contacts", str(contacts)])


def last_line(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run a program to its end and read the JSON in the last line it prints."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(env or {})}, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no word"]
        raise CannotRun(f"{Path(command[0]).name} failed: {said[-1]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer
