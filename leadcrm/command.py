"""The `leadcrm` command: reads what is wanted, and turns every foreseeable trouble into one line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from django.core.management import execute_from_command_line
from django.utils.module_loading import import_string

from leadcrm.embedded import servers
from leadcrm.embedded.errors import CannotRun
from leadcrm.lib import env
from leadcrm.lib.errors import DomainError
from leadcrm.preparing import check_secret, check_settings, prepare_database, prepare_people, require_migrated
from leadcrm.programs import ROOT, beat_command, web_command, worker_command
from leadcrm.running import data_folder, data_path, run, say

Answer = Callable[[argparse.Namespace], int]
SOME_ROWS_REFUSED = 3
"""Exit code of an import of which some rows did not come in."""


def answer_command_line(arguments: Sequence[str] | None = None) -> int:
    """Do what `arguments` (the command line's by default) say; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")
    wanted = parser().parse_args(arguments)
    answer: Answer = wanted.answer
    take_secret()
    try:
        return answer(wanted)
    except (CannotRun, env.BadEnvironment, DomainError) as error:
        print(f"leadcrm: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        print(f"leadcrm: {error.filename}: {error.strerror}", file=sys.stderr)
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
    command("worker", answer_worker, "Run a worker only.")
    command("beat", answer_beat, "Run the clock only; exactly one is needed.")
    command("migrate", answer_migrate, "Bring the database up to date.")
    demo = command("demo", answer_demo, "Make the demo workspace if it is missing.")
    preparing = command("prepare", answer_prepare, "Do what `run` does before it serves: migrate, and let somebody in.")
    preparing.add_argument("--demo", action="store_true", help="make the demo workspace if it is missing")
    for sub in (running, demo, preparing):
        sub.add_argument("--yes", action="store_true", help="make the demo even where others work already")
    looking = command("doctor", answer_doctor, "Look for what is wrong here, and say how to mend it.")
    for sub in (running, web, looking):
        sub.add_argument("--host", default=None, help="address to listen on (LEADCRM_HOST, 127.0.0.1)")
        sub.add_argument("--port", type=int, default=None, help="port (LEADCRM_PORT, 8000); 0 takes any free one")
    command("verify", answer_verify, "Recompute all scores from the facts and compare; exit code 1 on a mismatch.")
    importing = command("import", answer_import, "Import a file: leadcrm import leads FILE --mapping FILE.json.")
    importing.add_argument("what", choices=["leads"])
    importing.add_argument("file", type=Path)
    importing.add_argument("--mapping", type=Path, required=True, help="which column fills what, as JSON")
    importing.add_argument(
        "--errors", type=Path, default=None, help="where refused rows go (FILE.errors.csv), numbered if there"
    )
    closing = command(
        "close-leads", answer_close_leads, "Qualify and disqualify the leads that a file names, as a mapping says."
    )
    closing.add_argument("file", type=Path)
    closing.add_argument("--mapping", type=Path, required=True, help="which column says what, as JSON")
    closing.add_argument(
        "--errors", type=Path, default=None, help="where refused rows go (FILE.errors.csv), numbered if there"
    )
    model = command("model", answer_model, "Load a scoring model from JSON as a draft, and with --live let it score.")
    model.add_argument("file", type=Path)
    model.add_argument("--live", action="store_true", help="go live with it at once and score every lead")
    linking = command("link-orphans", answer_link_orphans, "Link leads without a contact by the contact strategy.")
    linking.add_argument("--apply", action="store_true", help="do it; without this, only say what would be done")
    manage = command("manage", answer_manage, "Any of Django's own commands, with the same servers.")
    manage.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def take_secret() -> None:
    """Sign and seal with the secret that is kept here, where none is set: what another signed opens nothing."""
    kept = data_path() / "secret-key"
    if not env.text("LEADCRM_SECRET_KEY", "") and os.access(kept, os.R_OK) and (secret := kept.read_text().strip()):
        os.environ["LEADCRM_SECRET_KEY"] = secret


def address(wanted: argparse.Namespace) -> tuple[str, int]:
    """Host and port, from the command line or the environment."""
    port = wanted.port if wanted.port is not None else env.whole("LEADCRM_PORT", 8000, most=65535)
    if not 0 <= port <= 65535:
        raise CannotRun(f"--port {port} cannot be used: ports go from 0 to 65535.")
    return wanted.host or env.text("LEADCRM_HOST", "127.0.0.1"), port


def answer_run(wanted: argparse.Namespace) -> int:
    host, port = address(wanted)
    return run(host=host, port=port, demo=wanted.demo, sure=wanted.yes)


def answer_web(wanted: argparse.Namespace) -> int:
    host, port = address(wanted)
    become(web_command(f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), signs=True)
    return 1


def answer_worker(wanted: argparse.Namespace) -> int:
    become(worker_command(), signs=True)  # the links in mails
    return 1


def answer_beat(wanted: argparse.Namespace) -> int:
    if not env.text("LEADCRM_BEAT_FILE", ""):
        os.environ["LEADCRM_BEAT_FILE"] = str(data_folder().path / "beat-schedule")
    become(beat_command())
    return 1


def become(command: list[str], *, signs: bool = False) -> None:
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
    if signs:
        check_secret()
    os.chdir(ROOT)
    os.execv(command[0], command)  # noqa: S606


def reached_servers() -> AbstractContextManager[None]:
    """Within this, both servers can be reached; where both are elsewhere, no data folder is needed."""
    if env.text("DATABASE_URL", "") and env.text("REDIS_URL", ""):
        return nullcontext()
    return servers.reached(data_folder())


def answer_migrate(wanted: argparse.Namespace) -> int:
    with reached_servers():
        prepare_database(say)
    return 0


def answer_demo(wanted: argparse.Namespace) -> int:
    return prepare(demo=True, sure=wanted.yes)


def answer_prepare(wanted: argparse.Namespace) -> int:
    return prepare(demo=wanted.demo, sure=wanted.yes)


def prepare(*, demo: bool, sure: bool) -> int:
    with reached_servers():
        prepare_database(say)
        for line in prepare_people(say, demo=demo, sure=sure):
            say(line)
    return 0


def answer_doctor(wanted: argparse.Namespace) -> int:
    host, port = address(wanted)
    code: int = import_string("leadcrm.doctor.doctor")(host=host, port=port, say=say)  # brings Celery, which takes time
    return code


def answer_verify(wanted: argparse.Namespace) -> int:
    with reached_servers():
        require_migrated()
        problems: list[str] = import_string("leadcrm.verifying.problems")()
    for line in problems:
        say(line)
    say(f"{len(problems)} problems." if problems else "All scores are what the facts say, and nothing waits too long.")
    return 1 if problems else 0


def answer_import(wanted: argparse.Namespace) -> int:
    with reached_servers():
        require_migrated()
        wished: Path = wanted.errors or wanted.file.with_suffix(".errors.csv")
        errors: Path = import_string("forms_intake.imports.rejects.unused")(wished)
        done = import_string("forms_intake.imports.import_leads")(wanted.file, wanted.mapping, errors=errors)
        say(f"{done.rows} rows: {done.leads_created} leads created, {done.leads_updated} updated.")
        repeats = f"; {done.repeats} rows repeat a person above" if done.repeats else ""
        say(f"Contacts: {done.contacts_created} created, {done.contacts_matched} matched{repeats}.")
        say(f"Accounts: {done.accounts_created} created.")
        if done.errors:
            say(f"{done.errors} rows were refused; they are in {errors} with the reasons, to correct and import again.")
    return SOME_ROWS_REFUSED if done.errors else 0


def answer_link_orphans(wanted: argparse.Namespace) -> int:
    with reached_servers():
        require_migrated()
        import_string("leads.orphans.command.link_orphans")(apply=wanted.apply, say=say)
    return 0


def answer_close_leads(wanted: argparse.Namespace) -> int:
    with reached_servers():
        require_migrated()
        wished: Path = wanted.errors or wanted.file.with_suffix(".errors.csv")
        errors: Path = import_string("forms_intake.imports.rejects.unused")(wished)
        done = import_string("forms_intake.imports.outcomes.close_by_file")(wanted.file, wanted.mapping, errors=errors)
        ignored = f", {done.ignored} left as they are" if done.ignored else ""
        say(f"{done.rows} rows: {done.qualified} leads qualified, {done.disqualified} disqualified{ignored}.")
        if done.errors:
            say(f"{done.errors} rows were refused; they are in {errors} with the reasons, to correct and send again.")
    return SOME_ROWS_REFUSED if done.errors else 0


def answer_model(wanted: argparse.Namespace) -> int:
    try:
        definition = json.loads(wanted.file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CannotRun(f"{wanted.file} cannot be read: {error}") from error
    with servers.reached(data_folder()):
        require_migrated()
        model = import_string("scoring.exchange.load_model")(definition)
        say(f"{model.name} is a draft now.")
        for finding in import_string("scoring.checks.findings_of")(model):
            say(f"{finding.severity.capitalize()}. {finding}")
        if wanted.live:
            version = import_string("scoring.lifecycle.go_live")(model)
            say(f"{model.name} is live (version {version.number}); every lead is being scored.")
    return 0


def answer_manage(wanted: argparse.Namespace) -> int:
    with reached_servers():
        execute_from_command_line(["leadcrm manage", *wanted.rest])
    return 0
