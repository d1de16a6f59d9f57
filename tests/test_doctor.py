"""`leadcrm doctor` finds what is wrong, names the way out, and says so to scripts by its exit code.

A place where nothing is wrong is in tests/test_running.py, where one has been made.
"""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from contacts.models import User
from leadcrm.demo.people import make_people
from leadcrm.doctor import safe
from leadcrm.embedded.errors import CannotRun
from tests.sites import Site


def test_a_database_behind_the_code_is_found(tmp_path: Path) -> None:
    with Site(tmp_path / "data") as site:
        done = site.say("doctor", "--port", "0")

    assert done.returncode == 1
    assert "BAD database: " in done.stdout
    assert "run `leadcrm migrate`" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LEADCRM_TIME_ZONE", "Mars", "BAD environment: LEADCRM_TIME_ZONE='Mars'"),
        ("LEADCRM_PG_BIN", "/nowhere", "BAD programs: LEADCRM_PG_BIN='/nowhere'"),
        ("LEADCRM_DATA", "/proc/leadcrm", "BAD data folder: "),
    ],
)
def test_trouble_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    with Site(tmp_path / "data", **{name: value}) as site:
        done = site.say("doctor", "--port", "0")

    assert done.returncode == 1
    assert said in done.stdout
    assert done.stderr == ""


@pytest.mark.deep
def test_dead_servers_elsewhere_and_a_taken_port_are_named(tmp_path: Path) -> None:
    elsewhere = {"DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/crm", "REDIS_URL": "redis://127.0.0.1:1/0"}
    with socket.socket() as taken, Site(tmp_path / "data", **elsewhere) as site:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = site.say("doctor", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 1
    assert "secret" not in done.stdout
    for name in ("port", "database", "Redis", "worker"):
        assert f"BAD {name}: " in done.stdout


def test_https_behind_a_proxy_that_is_not_trusted_is_named(settings: Settings) -> None:
    settings.HTTPS, settings.TRUSTED_PROXIES, settings.ALLOWED_HOSTS = True, 0, ["localhost"]

    with pytest.raises(CannotRun, match="LEADCRM_TRUSTED_PROXIES is 0"):
        safe()

    settings.TRUSTED_PROXIES = 1
    assert safe() == "nothing is left open"


@pytest.mark.django_db
def test_demo_people_beyond_this_machine_are_named_until_their_password_is_theirs(settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.TRUSTED_PROXIES = ["crm.example.com"], 1
    ada = make_people()["ada"]
    User.objects.exclude(pk=ada.pk).delete()

    with pytest.raises(CannotRun, match="everybody can read the password of ada"):
        safe()

    settings.ALLOWED_HOSTS = ["localhost"]
    assert safe() == "nothing is left open"
    with pytest.raises(CannotRun, match="of ada"):
        safe("0.0.0.0")

    ada.set_password("a word of her own")
    ada.save()
    assert safe("0.0.0.0") == "nothing is left open"


@pytest.mark.django_db
def test_that_nothing_shields_the_web_processes_from_slow_visitors_is_said(settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.TRUSTED_PROXIES = ["crm.example.com"], 0

    with pytest.raises(CannotRun, match="a few slow visitors can hold every web process"):
        safe()
