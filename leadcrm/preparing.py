"""What must be true before anything serves: settings that make sense, a database up to date, somebody to sign in."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import django
import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError
from django.utils.module_loading import import_string

from leadcrm.embedded.errors import CannotRun
from leadcrm.programs import web_command, worker_command

Say = Callable[[str], None]


def check_settings() -> None:
    """Read everything the environment says, so that nonsense is refused (BadEnvironment) before anything starts."""
    web_command("")
    worker_command()
    settings.DATABASES  # noqa: B018  (reading any setting reads them all)


def check_secret() -> None:
    """Refuse to sign anything with the secret that stands for "none was set": everybody knows it, and the web server
    would take none of those links.
    """
    if settings.SECRET_KEY == "unset":  # noqa: S105
        raise CannotRun("LEADCRM_SECRET_KEY is not set. Give it a long random text, the same for every process.")


def pending_migrations() -> list[str]:
    """Names of migrations that the database has not seen. Raises CannotRun when it does not answer."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        lines = str(error).strip().splitlines() or ["no reason given"]
        raise CannotRun(
            f"The database does not answer: {lines[0].rstrip('.')}. Start it, or mend DATABASE_URL."
        ) from None
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def check_broker() -> None:
    """Raises CannotRun when Redis does not answer."""
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)
        client.ping()
        client.close()
    except redis.RedisError as error:
        raise CannotRun(f"Redis does not answer: {str(error).rstrip('.')}. Start it, or mend REDIS_URL.") from None


def require_migrated() -> None:
    """Set Django up; raises CannotRun when the database does not answer or is behind the code."""
    django.setup()
    if pending_migrations():
        raise CannotRun("The database is not up to date. Run `leadcrm migrate` first.")


def prepare_database(say: Say) -> None:
    """Check that the database answers, and migrate when there is something to migrate. A dead broker is told only:
    without it posts are accepted too, and wait.
    """
    django.setup()
    try:
        check_broker()
    except CannotRun as trouble:
        say(f"Warning: {trouble} Until then posts are kept, and wait.")
    pending = pending_migrations()
    if pending:
        say(f"Database: applying {len(pending)} migrations.")
        call_command("migrate", interactive=False, verbosity=0)
    say("Database: up to date.")


def prepare_people(say: Say, *, demo: bool, sure: bool = False) -> list[str]:
    """Make the demo workspace when wanted, or a first administrator where there is nobody.

    Raises CannotRun rather than let people in whose password everybody can read where others work already, unless
    somebody is `sure`.

    Returns lines that say how to sign in: the administrator's this once, the demo's whenever its people are there.
    """
    # These need the models, which cannot be imported before Django is set up.
    demo_people: dict[str, tuple[str, str, str]] = import_string("leadcrm.demo.PEOPLE")
    password: str = import_string("leadcrm.demo.DEMO_PASSWORD")
    users = get_user_model().objects
    if demo:
        colleagues: dict[str, object] = import_string("leadcrm.demo.people.COLLEAGUES")
        others = users.exclude(username__in=[*demo_people, *colleagues]).exists()
        if others and not sure and users.filter(username__in=demo_people).count() < len(demo_people):
            raise CannotRun(
                "People work here already, and the demo's administrator has a password that everybody can read. "
                "Make the demo elsewhere (LEADCRM_DATA), or say --yes."
            )
        say("Demo: making the workspace where it is missing.")
        import_string("leadcrm.demo.make_demo")()
    elif not users.exists():
        return [f"Sign in as admin with the password {make_administrator()} (shown only this once)."]
    present = set(users.filter(username__in=demo_people).values_list("username", flat=True))
    return [
        f"Sign in as {username:<6} with the password {password} ({role.lower()})."
        for username, role in (
            (name, str(import_string("contacts.models.Role")(facts[2]).label)) for name, facts in demo_people.items()
        )
        if username in present
    ]


def make_administrator() -> str:
    """The first user, `admin`, with a random password, which is returned."""
    password = secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser("admin", "", password, role="administrator")
    return password
