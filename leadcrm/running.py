"""`leadcrm run`: everything on one machine under one supervisor."""

from __future__ import annotations

import hashlib
import http.client
import os
import signal
import socket
import time
from collections.abc import Iterable
from pathlib import Path

import django

from leadcrm.embedded import servers
from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.folder import DataFolder, shorten, write_private
from leadcrm.embedded.processes import carrying, clear_away, spawn
from leadcrm.lib import env
from leadcrm.preparing import check_settings
from leadcrm.programs import ROOT, beat_command, prepare_command, web_command, worker_command
from leadcrm.supervisor import Child, StopAsked, Supervisor, describe_exit

FIRST_ANSWER_SECONDS = 60


def say(line: str) -> None:
    """One fact, one line."""
    print(line, flush=True)


def data_path() -> Path:
    """Where the data folder is, or would be: what LEADCRM_DATA names, or `data` beside the code."""
    return Path(env.text("LEADCRM_DATA", str(ROOT / "data"))).expanduser()


def data_folder() -> DataFolder:
    """The data folder, made when missing."""
    return DataFolder(data_path())


def run(*, host: str, port: int, demo: bool, sure: bool = False) -> int:
    """Start everything, say where it is, and keep it running until asked to stop. Returns the exit code."""
    began = time.monotonic()
    folder = data_folder()
    supervisor = Supervisor(say=say, housekeeping=lambda: shorten_logs(folder))
    supervisor.listen_to_signals()
    try:
        folder.lock()
        marker = f"LEADCRM_RUN={folder.path}"
        clear_away(lambda: carrying(marker), patience=10)
        listener = listen(host, port)
        embedded = servers.needed(folder)
        addresses = servers.point_to(embedded)
        set_environment(folder, marker, host, listener.getsockname()[1])
        check_settings()
        start_servers(supervisor, embedded)
        folder.keep_addresses(addresses)
        stamp = folder.path / "migrated"
        # The same migrations as last time: the web server can load while we look at the database.
        up_to_date = "postgres" in embedded and stamp.exists() and stamp.read_text() == known_migrations()
        web = start_web(supervisor, folder, listener) if up_to_date else None
        # In a process of its own, which a stop simply ends; it says itself what it does, and what is in its way.
        code = supervisor.finish(
            spawn(prepare_command(demo=demo, sure=sure), log=None, dies_by=signal.SIGKILL, cwd=ROOT)
        )
        if code < 0:
            raise CannotRun(f"Preparing the database ended early ({describe_exit(code)}).")
        if code:
            return code
        write_private(stamp, known_migrations())
        say(f"Data: {folder.path} ({' and '.join(embedded) or 'no server of our own'} in it)")
        wait_for_first_answer(supervisor, web or start_web(supervisor, folder, listener), listener, folder)
        start_workers(supervisor, folder)
        say(f"Ready after {time.monotonic() - began:.1f} s. Logs: {folder.log_folder}. Stop with Ctrl-C.")
        say(f"LeadCRM is at http://{shown_host(host)}:{listener.getsockname()[1]}/")
        supervisor.watch()
        say("Stopping.")
        return 0
    except StopAsked:
        say("Stopping before everything has started.")
        return 0
    finally:
        supervisor.stop()


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. We keep it, so that callers wait rather than fail while the web server restarts."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotRun(
            f"Port {port} on {host} cannot be used ({error.strerror or error}). Choose another with --port."
        ) from None
    return listener


def set_environment(folder: DataFolder, marker: str, host: str, port: int) -> None:
    """What our programs find in their environment besides what we were given."""
    name, _, value = marker.partition("=")
    os.environ[name] = value
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")
    os.environ.setdefault("LEADCRM_BEAT_FILE", str(folder.path / "beat-schedule"))
    if not env.text("LEADCRM_SECRET_KEY", ""):
        os.environ["LEADCRM_SECRET_KEY"] = folder.secret("secret-key")
    if not env.text("LEADCRM_URL", ""):  # links in mails begin with it
        reached = "127.0.0.1" if shown_host(host) == "localhost" else shown_host(host)
        os.environ["LEADCRM_URL"] = f"http://{reached}:{port}"
    if not env.text("LEADCRM_ALLOWED_HOSTS", ""):
        ours = ["localhost", "127.0.0.1", "[::1]", socket.gethostname()]
        os.environ["LEADCRM_ALLOWED_HOSTS"] = ",".join(dict.fromkeys([*ours, shown_host(host)]))


def start_servers(supervisor: Supervisor, embedded: dict[str, servers.Server]) -> None:
    """Start our own PostgreSQL and Valkey at once and hand them to the supervisor."""
    for name, process in servers.start_together(embedded, pause=supervisor.pause).items():
        child = Child(name, embedded[name].start, servers.STOP_SIGNALS[name], patience=30, process=process)
        supervisor.add(child)


def known_migrations() -> str:
    """What the migrations in the code are, in a few letters."""
    names = sorted(str(file.relative_to(ROOT)) for file in ROOT.glob("*/migrations/*.py"))
    return hashlib.sha256("\n".join([django.get_version(), *names]).encode()).hexdigest()


def program(folder: DataFolder, name: str, command: list[str], *, dies_by: int, keep: Iterable[int] = ()) -> Child:
    """One of our programs as a child that logs under its name."""
    return Child(name, lambda: spawn(command, log=folder.log(name), dies_by=dies_by, cwd=ROOT, keep=keep))


def start_web(supervisor: Supervisor, folder: DataFolder, listener: socket.socket) -> Child:
    """Start the web server on our listening socket."""
    handle = listener.fileno()
    return supervisor.add(program(folder, "web", web_command(f"fd://{handle}"), dies_by=signal.SIGTERM, keep=[handle]))


def start_workers(supervisor: Supervisor, folder: DataFolder) -> None:
    """Start worker and beat; only after the first page, which would have to wait for them."""
    # A worker may be killed at any moment: what it worked on are claimed rows, which the next one claims again.
    supervisor.add(program(folder, "worker", worker_command(), dies_by=signal.SIGKILL))
    supervisor.add(program(folder, "beat", beat_command(), dies_by=signal.SIGTERM))


def wait_for_first_answer(supervisor: Supervisor, web: Child, listener: socket.socket, folder: DataFolder) -> None:
    """Returns once the web server answers anything.

    Raises CannotRun with its last words when it ends instead, and StopAsked.
    """
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    until = time.monotonic() + FIRST_ANSWER_SECONDS
    while True:
        if web.process is None or web.process.poll() is not None or time.monotonic() > until:
            lines = folder.log("web").read_text(errors="replace").strip().splitlines()
            raise CannotRun(
                f"The web server did not start ({folder.log('web')}): {lines[-1] if lines else 'no output'}"
            )
        connection = http.client.HTTPConnection(host, port, timeout=0.5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            connection.getresponse()
            return
        except (OSError, http.client.HTTPException):
            supervisor.pause(0.01)
        finally:
            connection.close()


def shown_host(host: str) -> str:
    """The host as it stands in an address."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host


def shorten_logs(folder: DataFolder) -> None:
    """Keep logs from growing without end."""
    for log in folder.log_folder.glob("*.log"):
        if not log.name.endswith(".old.log"):
            shorten(log)
