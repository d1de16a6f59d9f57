"""The `leadcrm` command: reads what is wanted, and turns every foreseeable trouble into one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from django.core.management import execute_from_command_line

from leadcrm.embedded import servers
from leadcrm.embedded.errors import CannotRun
from leadcrm.lib import env
from leadcrm.lib.errors import DomainError
from leadcrm.preparing import check_secret, check_settings, prepare_database, prepare_people
from leadcrm.programs import ROOT, beat_command, web_command, worker_command
from leadcrm.running import data_folder, run, say

Answer = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what `arguments` (the command line's by default) say; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")
    wanted = parser().parse_args(arguments)
    answer: Answer = wanted.answer
    try:
        return answer(wanted)
    except (CannotRun, env.BadEnvironment, DomainError) as error:
        print(f"leadcrm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="leadcrm", description="Lead management, from a posted form to a ready lead.")
    commands = top.add_subparsers(required=True, metavar="command")

    def command(name: str, answer: Answer, words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=words, description=words)
        sub.set_defaults(answer=answer)
        return sub

    running = command("run", answer_run, "Run everything here: web, worker, beat, and PostgreSQL and Valkey if needed.")
    running.add_argument("--demo", action="store_true", help="make the demo workspace if it is missing")
    web = command("web", answer_web, "Run the web server only.")
    for sub in (running, web):
        sub.add_argument("--host", default=None, help="address to listen on (LEADCRM_HOST, 127.0.0.1)")
        sub.add_argument(
            "--port", type=int, default=None, help="port to listen on (LEADCRM_PORT, 8000); 0: any free one"
        )
    command("worker", answer_worker, "Run a worker only.")
    command("beat", answer_beat, "Run the clock only; exactly one is needed.")
    command("migrate", answer_migrate, "Bring the database up to date.")
    command("demo", answer_demo, "Make the demo workspace if it is missing.")
    manage = command("manage", answer_manage, "Any of Django's own commands, with the same servers.")
    manage.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def address(wanted: argparse.Namespace) -> tuple[str, int]:
    """Host and port, from the command line or the environment."""
    port = wanted.port if wanted.port is not None else env.whole("LEADCRM_PORT", 8000, most=65535)
    if not 0 <= port <= 65535:
        raise CannotRun(f"--port {port} cannot be used: ports go from 0 to 65535.")
    return wanted.host or env.text("LEADCRM_HOST", "127.0.0.1"), port


def answer_run(wanted: argparse.Namespace) -> int:
    host, port = address(wanted)
    return run(host=host, port=port, demo=wanted.demo)


def answer_web(wanted: argparse.Namespace) -> int:
    host, port = address(wanted)
    become(web_command(f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), serves=True)
    return 1


def answer_worker(wanted: argparse.Namespace) -> int:
    become(worker_command())
    return 1


def answer_beat(wanted: argparse.Namespace) -> int:
    become(beat_command())
    return 1


def become(command: list[str], *, serves: bool = False) -> None:
    """Turn this process into one of our programs; its servers must run already. Does not return."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        if not env.text(name, ""):
            running = data_folder().addresses()
            if name not in running:
                raise CannotRun(
                    f"{name} is not set, and `leadcrm run` is not running here. Set it, or use `leadcrm run`."
                )
            os.environ[name] = running[name]
    check_settings()
    if serves:
        check_secret()
    os.chdir(ROOT)
    os.execv(command[0], command)  # noqa: S606


def answer_migrate(wanted: argparse.Namespace) -> int:
    with servers.reached(data_folder()):
        prepare_database(say)
    return 0


def answer_demo(wanted: argparse.Namespace) -> int:
    with servers.reached(data_folder()):
        prepare_database(say)
        for line in prepare_people(say, demo=True):
            say(line)
    return 0


def answer_manage(wanted: argparse.Namespace) -> int:
    with servers.reached(data_folder()):
        execute_from_command_line(["leadcrm manage", *wanted.rest])
    return 0


if __name__ == "__main__":
    sys.exit(main())
