"""`leadcrm doctor`: looks at everything that could be wrong here, and says how to mend what is."""

from __future__ import annotations

import http.client
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from runpy import run_module

import django
import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.module_loading import import_string

from leadcrm.celery import app
from leadcrm.clock import SILENT_SECONDS, last_heard
from leadcrm.embedded import postgres, servers, valkey
from leadcrm.embedded.errors import CannotRun
from leadcrm.embedded.folder import DataFolder
from leadcrm.lib.env import BadEnvironment, text
from leadcrm.preparing import check_broker, pending_migrations
from leadcrm.programs import web_command, worker_command
from leadcrm.running import data_folder, listen

HERE = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
"""Names under which only this machine can be reached."""
ENOUGH_SPACE = 1_000_000_000
"""Bytes: less than this on the data folder's disk is worth a warning."""


@dataclass(frozen=True)
class Finding:
    """`name` was looked at. `said` is what was found, or, when it is not `good`, what is wrong and how to mend it."""

    name: str
    good: bool
    said: str

    def line(self) -> str:
        return f"{'ok ' if self.good else 'BAD'} {self.name}: {self.said}"


def doctor(*, host: str, port: int, say: Callable[[str], None]) -> int:
    """Say one line for each thing looked at; 0 when all are good, otherwise 1."""
    bad = 0
    with ExitStack() as stack:
        for finding in findings(host, port, stack):
            say(finding.line())
            bad += not finding.good
    say("Nothing is wrong." if not bad else f"{bad} {'thing is' if bad == 1 else 'things are'} wrong.")
    return 1 if bad else 0


def looked_at(name: str, look: Callable[[], str]) -> Finding:
    """Turn what `look` returns or raises into a finding."""
    try:
        return Finding(name, True, look())
    except (CannotRun, BadEnvironment) as trouble:
        return Finding(name, False, str(trouble))


def findings(host: str, port: int, stack: ExitStack) -> Iterator[Finding]:
    """Everything in order of dependence; what cannot be looked at because of an earlier trouble is left out."""
    yield looked_at("Python", python)
    sense = looked_at("environment", environment)
    yield sense
    folder: list[DataFolder] = []
    yield looked_at("data folder", lambda: usable_folder(folder))
    if not folder:
        return
    yield looked_at("disk space", lambda: space(folder[0]))
    yield looked_at("programs", programs)
    running = folder[0].is_locked()
    yield looked_at("port", lambda: free_port(host, port, running=running))
    if not sense.good:
        return
    elsewhere = bool(text("DATABASE_URL", "") and text("REDIS_URL", ""))
    started = looked_at("servers", lambda: reach(folder[0], stack))
    yield started
    if not started.good:
        return
    django.setup()
    yield looked_at("database", migrated)
    yield looked_at("Redis", broker_is_right)
    if running or elsewhere:
        yield looked_at("worker", worker_answers)
        yield looked_at("beat", beat_goes)
    yield looked_at("mail", mail_goes)
    yield looked_at("visits", visits_are_read)
    yield looked_at("inflow", inflow_comes)
    yield looked_at("safety", lambda: safe(host))


def python() -> str:
    return sys.version.split()[0]


def environment() -> str:
    """Reads the settings apart from Django's own copy, which may not be made before servers are known."""
    run_module("leadcrm.settings")
    web_command("")
    worker_command()
    return "every variable makes sense"


def usable_folder(found: list[DataFolder]) -> str:
    folder = data_folder()
    found.append(folder)
    probe = folder.path / f"doctor.{os.getpid()}"
    try:
        probe.write_text("can be written")
        probe.unlink()
    except OSError as error:
        raise CannotRun(f"{folder.path} cannot be written ({error.strerror}); make it writable.") from None
    return f"{folder.path}{' (in use by a running LeadCRM)' if folder.is_locked() else ''}"


def space(folder: DataFolder) -> str:
    free = shutil.disk_usage(folder.path).free
    words = f"{free / 1e9:.1f} GB free"
    if free < ENOUGH_SPACE:
        raise CannotRun(f"only {words} under {folder.path}; make room, or move the folder and set LEADCRM_DATA.")
    return words


def programs() -> str:
    ours = []
    if not text("DATABASE_URL", ""):
        ours.append(str(postgres.binaries() / "postgres"))
        postgres.options()
    if not text("REDIS_URL", ""):
        ours.append(str(valkey.binary()))
    return ", ".join(ours) or "none needed, both servers are elsewhere"


def free_port(host: str, port: int, *, running: bool) -> str:
    try:
        listen(host, port).close()
    except CannotRun:
        if running and answers(host, port):
            return f"LeadCRM answers at {host}:{port}"
        raise
    return f"{port} is free"


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read() == b"ok\n"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reach(folder: DataFolder, stack: ExitStack) -> str:
    ours = bool(servers.needed(folder)) and not folder.addresses()
    stack.enter_context(servers.reached(folder))
    return "ours, started for this look only" if ours else "running"


def migrated() -> str:
    pending = pending_migrations()
    if pending:
        raise CannotRun(f"{len(pending)} migrations are missing, from {pending[0]}; run `leadcrm migrate`.")
    return "answers and is up to date"


def broker_is_right() -> str:
    check_broker()
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except redis.RedisError:  # hosted ones often refuse this question
        return "answers"
    finally:
        client.close()
    if policy not in {"noeviction", b"noeviction"}:
        raise CannotRun("it forgets messages when its memory is full; set its maxmemory-policy to noeviction.")
    return "answers"


def worker_answers() -> str:
    try:
        found = next((replies for _ in range(4) if (replies := app.control.ping(timeout=1.5))), [])
    except Exception:  # whatever a broker can throw; that it does not answer was said above
        found = []
    if not found:
        raise CannotRun("no worker answers, so posts wait; look into logs/worker.log, or start `leadcrm worker`.")
    return f"{len(found)} answering"


def beat_goes() -> str:
    try:
        # One that has just been started gets a moment.
        heard = next((age for n in range(8) if (age := _heard(n)) is not None and age <= SILENT_SECONDS), None)
    except redis.RedisError:  # that it does not answer was said above
        heard = None
    if heard is None:
        raise CannotRun("it is not heard of, so sweeps do not run; look into logs/beat.log, or start `leadcrm beat`.")
    return f"heard of {heard:.0f} s ago"


def _heard(tries: int) -> float | None:
    time.sleep(1 if tries else 0)
    return last_heard()


def mail_goes() -> str:
    """How mails go out, unless some have waited too long. The models are read here: Django is ready only by now."""
    mails = import_string("leads.mail.claiming.waiting")()
    old = mails.filter(created_at__lt=timezone.now() - timedelta(seconds=settings.READY_SECONDS))
    if stuck := old.count():
        error = old.exclude(error="").order_by("-id").values_list("error", flat=True).first() or "nothing has sent them"
        raise CannotRun(
            f"{stuck} mails wait to be sent ({error}); they are tried again by themselves. "
            "Look at the mail server, and at LEADCRM_EMAIL_URL."
        )
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return f"through {settings.EMAIL_HOST}:{settings.EMAIL_PORT}, none is late"
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return f"into files in {settings.EMAIL_FILE_PATH}; set LEADCRM_EMAIL_URL to send them"
    return "to the log only; set LEADCRM_EMAIL_URL to send them"


def visits_are_read() -> str:
    """How many page views and opened mails wait for a worker; the models are read here, as those of mails are."""
    raw = import_string("forms_intake.models.RawHit").objects
    waiting = raw.filter(error="")
    oldest = waiting.order_by("id").values_list("received_at", flat=True).first()
    if oldest is not None and (late := timezone.now() - oldest).total_seconds() > settings.READY_SECONDS:
        raise CannotRun(
            f"{waiting.count()} page views and opened mails wait, the oldest for {late.total_seconds():.0f} s, so "
            "timelines and scores do not know of them; look into logs/worker.log, or start `leadcrm worker`."
        )
    failed = raw.exclude(error="").count()
    return f"none waits too long; {failed} could not be read" if failed else "none waits too long"


def inflow_comes() -> str:
    """What mailboxes and connectors of ads have failed to bring in for a while; read here, as mails are."""
    found: list[str] = import_string("forms_intake.outages.in_words")()
    if found:
        raise CannotRun(" ".join(found))
    return "no mailbox and no connector fails"


def demo_logins() -> list[str]:
    """Who can be signed in as with the demo's password."""
    people: dict[str, object] = import_string("leadcrm.demo.PEOPLE")
    password: str = import_string("leadcrm.demo.DEMO_PASSWORD")
    users = get_user_model().objects.filter(username__in=people, is_active=True).order_by("username")
    return [user.username for user in users if user.check_password(password)]


def safe(host: str = "127.0.0.1") -> str:
    worries = []
    beyond = [name for name in [*settings.ALLOWED_HOSTS, host] if name not in HERE]
    if settings.DEBUG:
        worries.append("LEADCRM_DEBUG shows secrets to visitors; unset it outside development")
    if "*" in beyond:
        worries.append("LEADCRM_ALLOWED_HOSTS=* believes any host name; list yours")
    if beyond and not settings.HTTPS and text("LEADCRM_ALLOWED_HOSTS", ""):
        worries.append("passwords travel in the clear; put HTTPS in front and set LEADCRM_HTTPS=yes")
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        worries.append(
            "LEADCRM_HTTPS=yes, but LEADCRM_TRUSTED_PROXIES is 0, so nobody is believed to speak HTTPS and posts from "
            "pages are refused; set it to the number of your proxies, which must send X-Forwarded-Proto"
        )
    if beyond and not settings.TRUSTED_PROXIES:
        worries.append(
            "a few slow visitors can hold every web process; put a proxy in front that takes requests whole, such as "
            "nginx, and set LEADCRM_TRUSTED_PROXIES"
        )
    if beyond and (known := demo_logins()):
        worries.append(f"everybody can read the password of {', '.join(known)}; change it, or remove these people")
    if worries:
        raise CannotRun("; ".join(worries) + ".")
    return "nothing is left open"
