"""PostgreSQL dies and comes back under load: what was accepted is processed, without anybody's help."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.sites import Site

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc"),
]

FIND_FORM = "from forms_intake.models import PageForm; print(PageForm.objects.get(page__slug='demo').form.public_id)"
COUNTS = """
from forms_intake.models import Submission
from contacts.models import Contact, Interaction
ours = Submission.objects.filter(payload__email__startswith="restart-")
people = Contact.objects.filter(email__startswith="restart-")
import json
print(json.dumps({
    "ids": [str(i) for i in ours.values_list("public_id", flat=True)],
    "waiting": ours.filter(state="pending").count(),
    "failed": ours.filter(state="failed").count(),
    "people": people.count(),
    "interactions": Interaction.objects.filter(contact__in=people, type="form_submitted").count(),
}))
"""


def asked(site: Site, code: str) -> str:
    done = site.say("manage", "shell", "--no-imports", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def post(url: str, number: int) -> str | None:
    """The submission's id when the post was accepted, None when the database could not take it."""
    body = {
        "email": f"restart-{number}@example.com",
        "first_name": "Rae",
        "last_name": f"Start {number}",
        "consent": "yes",
    }
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", "Accept": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(json.load(answer)["id"])
    except urllib.error.HTTPError as error:
        assert error.code >= 500, error.read()
    except OSError:
        pass
    return None


def test_posts_accepted_around_a_restart_of_the_database_are_all_processed_once(tmp_path: Path) -> None:
    with Site(tmp_path / "data", LEADCRM_FORM_POSTS_PER_MINUTE="1000000") as site:
        site.start("--demo")
        url = f"{site.url}f/{asked(site, FIND_FORM)}/"
        accepted: list[str] = []
        refused: list[int] = []
        stop = threading.Event()

        def load(first: int) -> None:
            number = first
            while not stop.is_set():
                answer = post(url, number)
                if answer is None:
                    refused.append(number)
                else:
                    accepted.append(answer)
                number += 4

        threads = [threading.Thread(target=load, args=[i]) for i in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        before = len(accepted)
        [postmaster] = site.named("bin/postgres -D")
        os.kill(postmaster, signal.SIGKILL)
        until = time.monotonic() + 60
        killed_at = len(accepted)
        while len(accepted) < killed_at + 50 and time.monotonic() < until:
            time.sleep(0.1)
        stop.set()
        for thread in threads:
            thread.join()

        assert before > 0
        assert len(accepted) >= killed_at + 50, "posts are accepted again by themselves"
        counts = {"waiting": 1}
        until = time.monotonic() + 60
        while counts["waiting"] and time.monotonic() < until:
            time.sleep(1)
            counts = json.loads(asked(site, COUNTS))
        assert (counts["waiting"], counts["failed"]) == (0, 0)
        stored = set(counts.pop("ids"))  # type: ignore[call-overload]
        assert set(accepted) <= stored, "what was accepted is never lost"
        assert counts["people"] == counts["interactions"] == len(stored), "and never doubled"
        verified = site.say("verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
