"""Which servers LeadCRM must bring itself, and where those are that run."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from leadcrm.embedded.folder import DataFolder
from leadcrm.embedded.postgres import Postgres
from leadcrm.embedded.valkey import Valkey

STOP_SIGNALS: dict[str, int] = {"postgres": signal.SIGINT, "valkey": signal.SIGTERM}
"""What asks a server to stop in good order."""

Server = Postgres | Valkey


def needed(folder: DataFolder) -> dict[str, Server]:
    """The servers we bring ourselves, by name: those whose address is not in the environment."""
    servers: dict[str, Server] = {}
    if not os.environ.get("DATABASE_URL", "").strip():
        servers["postgres"] = Postgres(folder)
    if not os.environ.get("REDIS_URL", "").strip():
        servers["valkey"] = Valkey(folder)
    return servers


def point_to(servers: dict[str, Server]) -> dict[str, str]:
    """Put the addresses of our servers into the environment, for us and our children; returns them."""
    names = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    addresses = {names[name]: server.url for name, server in servers.items()}
    os.environ.update(addresses)
    return addresses


def start_together(
    servers: dict[str, Server], *, pause: Callable[[float], None] = time.sleep
) -> dict[str, subprocess.Popen[bytes]]:
    """Start all at once, then wait for each. If one does not come up, or `pause` raises, all are stopped again."""
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, server in servers.items():
            processes[name] = server.start()
        for name, server in servers.items():
            server.wait_until_ready(processes[name], pause=pause)
    except BaseException:
        stop(processes)
        raise
    return processes


def stop(processes: dict[str, subprocess.Popen[bytes]], *, seconds: float = 30) -> None:
    """Stop servers in good order, or after `seconds` in any."""
    for name, process in processes.items():
        if process.poll() is None:
            process.send_signal(STOP_SIGNALS[name])
    for process in processes.values():
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def reached(folder: DataFolder) -> Iterator[None]:
    """Within this, DATABASE_URL and REDIS_URL lead to servers that run.

    They are those of the environment, of a LeadCRM that runs with this data folder, or our own, started for as long
    as this lasts.
    """
    running = folder.addresses()
    for name, address in running.items():
        if not os.environ.get(name, "").strip():
            os.environ[name] = address
    servers = needed(folder)
    if not servers:
        yield
        return
    folder.lock()
    processes = {}
    try:
        point_to(servers)
        processes = start_together(servers)
        yield
    finally:
        stop(processes)
        folder.unlock()
