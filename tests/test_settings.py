"""The one settings file, read by a process of its own under different environments."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from leadcrm.programs import ROOT

SHOW = """
import json, leadcrm.settings as s
print(json.dumps({name: getattr(s, name) for name in %r}))
"""


def settings_under(environment: dict[str, str], *names: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEADCRM_")}
    return subprocess.run(
        [sys.executable, "-c", SHOW % (names,)],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


def read(environment: dict[str, str], *names: str) -> dict[str, Any]:
    done = settings_under(environment, *names)
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEADCRM_DEBUG", "maybe"),
        ("LEADCRM_TIME_ZONE", "Nowhere"),
        ("LEADCRM_FORM_POSTS_PER_MINUTE", "0"),
        ("LEADCRM_TRUSTED_PROXIES", "99"),
        ("LEADCRM_LOG_LEVEL", "loud"),
        ("DATABASE_URL", "sqlite:///db"),
        ("DATABASE_URL", "postgresql://me@host/crm?ssl_mode=require"),
        ("REDIS_URL", "localhost"),
        ("LEADCRM_ALLOWED_HOSTS", "https://crm.example.com"),
        ("LEADCRM_ALLOWED_HOSTS", "crm.example.com:8000"),
        ("LEADCRM_TRUSTED_ORIGINS", "crm.example.com"),
        ("LEADCRM_TRUSTED_ORIGINS", "https://crm.example.com/"),
    ],
)
def test_nonsense_stops_the_program_and_names_the_variable(name: str, value: str) -> None:
    done = settings_under({name: value}, "DEBUG")

    assert done.returncode != 0
    assert f"{name}=" in done.stderr.splitlines()[-1]


def test_out_of_the_box_nothing_is_loose() -> None:
    reads = ("CELERY_TASK_SERIALIZER", "CELERY_ACCEPT_CONTENT")
    shown = read({}, "DEBUG", "ALLOWED_HOSTS", "SECRET_KEY", "SESSION_COOKIE_HTTPONLY", "X_FRAME_OPTIONS", *reads)

    assert shown == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "SECRET_KEY": "unset",
        "SESSION_COOKIE_HTTPONLY": True,
        "X_FRAME_OPTIONS": "DENY",
        # Nothing that comes from elsewhere is ever unpickled.
        "CELERY_TASK_SERIALIZER": "json",
        "CELERY_ACCEPT_CONTENT": ["json"],
    }
    assert (settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE) == ("Lax", "Lax")
    assert settings.SESSION_SERIALIZER.endswith(".JSONSerializer")


def test_https_turns_on_all_that_belongs_to_it() -> None:
    shown = read(
        {"LEADCRM_HTTPS": "yes"},
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_HSTS_SECONDS",
    )

    assert shown["SECURE_HSTS_SECONDS"] > 0
    assert shown["SESSION_COOKIE_SECURE"] and shown["CSRF_COOKIE_SECURE"]


@pytest.mark.parametrize("proxies", ["0", "1"])
def test_nobody_is_sent_round_behind_a_proxy_that_ends_https(proxies: str) -> None:
    environment = {"LEADCRM_HTTPS": "yes", "LEADCRM_TRUSTED_PROXIES": proxies}

    assert read(environment, "SECURE_SSL_REDIRECT") == {"SECURE_SSL_REDIRECT": False}


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://cache:6379/3", "redis://cache:6379/3"),
        ("unix:///run/my%20data/valkey.sock?db=4", "redis+socket:///run/my%20data/valkey.sock?virtual_host=4"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
    ],
)
def test_the_broker_is_where_redis_is(url: str, broker: str) -> None:
    assert read({"REDIS_URL": url}, "CELERY_BROKER_URL") == {"CELERY_BROKER_URL": broker}


@pytest.mark.parametrize(
    ("query", "checks"),
    [
        ("", {"ssl_cert_reqs": "required", "ssl_check_hostname": True}),
        ("?ssl_ca_certs=/ca", {"ssl_cert_reqs": "required", "ssl_check_hostname": True, "ssl_ca_certs": "/ca"}),
        ("?ssl_cert_reqs=none", {"ssl_cert_reqs": "none", "ssl_check_hostname": False}),
    ],
)
def test_celery_checks_the_certificate_of_its_broker(query: str, checks: dict[str, Any]) -> None:
    shown = read({"REDIS_URL": f"rediss://cache:6380/3{query}"}, "CELERY_BROKER_URL", "CELERY_BROKER_USE_SSL")

    assert shown == {"CELERY_BROKER_URL": "rediss://cache:6380/3", "CELERY_BROKER_USE_SSL": checks}


def test_the_database_is_spoken_to_as_its_address_asks() -> None:
    url = "postgresql://me@db.example.com/crm?sslmode=verify-full&sslrootcert=/etc/ca.pem"

    options = read({"DATABASE_URL": url}, "DATABASES")["DATABASES"]["default"]["OPTIONS"]

    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.pem")


def test_pages_are_not_served_without_a_secret() -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEADCRM_")}
    done = subprocess.run(
        [sys.executable, "-c", "import leadcrm.wsgi"],
        env={**clean, "DJANGO_SETTINGS_MODULE": "leadcrm.settings"},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )

    assert done.returncode != 0
    assert "LEADCRM_SECRET_KEY is not set" in done.stderr


def test_a_worker_signs_no_link_without_a_secret_and_every_command_takes_the_one_that_is_kept(tmp_path: Path) -> None:
    def said(*arguments: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("LEADCRM_", "DJANGO_"))}
        elsewhere = {"DATABASE_URL": "postgresql://me@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
        done = subprocess.run(
            [sys.executable, "-m", "leadcrm", *arguments],
            env={**clean, **elsewhere, "LEADCRM_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
        )
        return done.stdout + done.stderr

    shown = ("manage", "shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")

    assert "LEADCRM_SECRET_KEY is not set" in said("worker")
    (tmp_path / "secret-key").write_text("as the web server signs\n")
    assert said(*shown).splitlines()[-1] == "as the web server signs"
