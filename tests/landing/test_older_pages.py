"""Pages of before there were blocks come through the migrations as they were: rows of then, in a database of then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from forms_intake.landing.markup import marked
from leadcrm.programs import ROOT
from tests.workers import database_url

pytestmark = [pytest.mark.deep, pytest.mark.django_db(transaction=True)]
NAME = "older_pages"


@pytest.fixture
def an_empty_database() -> Iterator[str]:
    own = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(f"CREATE DATABASE {NAME}")
    connection.settings_dict["NAME"] = NAME
    url = database_url()
    connection.settings_dict["NAME"] = own
    yield url
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def test_rows_of_old_pages_become_blocks_that_say_the_same(an_empty_database: str) -> None:
    environment = {**os.environ, "DATABASE_URL": an_empty_database, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.landing.older_pages"], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout)
    live, stopped = told["pages"]

    assert [(one["slug"], one["state"]) for one in told["pages"]] == [("plan", "live"), ("gone", "stopped")]
    for one in told["pages"]:
        assert one["same"] and one["kept"] and one["shows"] and one["form"]
        assert [block["kind"] for block in one["blocks"]] == ["hero", "form"]
        assert len({block["id"] for block in one["blocks"]}) == 2
    assert live["blocks"][0]["heading"] == "Plan <routes>" and live["blocks"][1]["button"] == "Go"
    assert marked(live["blocks"][0]["text"]) == "<p>1. * not a list</p>\n<p>[x](y) &amp; _z_</p>"
    assert stopped["blocks"][0]["text"] == stopped["blocks"][1]["button"] == ""
    assert told["submissions"] == [["plan", ""], ["gone", ""]]
    assert "Plan &lt;routes&gt;" in told["later"][0] and "no longer here" in told["later"][1]
