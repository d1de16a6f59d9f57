"""A database as it was before pages had blocks, with pages in it, that then moves on.

Run in a process of its own on an empty database (DATABASE_URL), since migrations speak to the default one. Prints what
the pages say afterwards, as JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

OLD, NEW = ("forms_intake", "0011_visits"), ("forms_intake", "0012_pages_of_blocks")
BODY = "1. * not a list\r\n\r\n[x](y) & _z_"
PAGES = [
    {"slug": "plan", "title": "Plan <routes>", "body": BODY, "button": "Go", "published": True},
    {"slug": "gone", "title": "Gone", "body": "", "button": "", "published": False},
]  # fmt: skip


def main() -> int:
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    executor.migrate([OLD])
    before = executor.loader.project_state([OLD]).apps
    made = _fill(before)
    executor = MigrationExecutor(connection)
    executor.migrate([NEW])
    after = executor.loader.project_state([NEW]).apps
    said = [_said(page, made) for page in after.get_model("forms_intake", "LandingPage").objects.order_by("pk")]
    submissions = list(after.get_model("forms_intake", "Submission").objects.values_list("page__slug", "variant"))
    call_command("migrate", verbosity=0)
    sys.stdout.write(json.dumps({"pages": said, "submissions": submissions, "later": _later()}))
    return 0


def _fill(apps: Any) -> Any:
    context, form = apps.get_model("contacts", "MarketingContext"), apps.get_model("forms_intake", "IntakeForm")
    asks = form.objects.create(
        name="Ask", public_id="older-form", marketing_context=context.objects.create(kind="form", name="Ask")
    )
    for row in PAGES:
        about = context.objects.create(kind="page", name=row["title"])
        page = apps.get_model("forms_intake", "LandingPage").objects.create(form=asks, marketing_context=about, **row)
        apps.get_model("forms_intake", "Submission").objects.create(
            public_id=f"00000000-0000-4000-8000-{page.pk:012}", form=asks, page=page, payload={"email": "n@n.example"}
        )
    return asks


def _said(page: Any, form: Any) -> dict[str, Any]:
    return {
        "slug": page.slug,
        "state": page.state,
        "same": page.version.definition == page.draft and page.version.number == 1,
        "kept": page.version.created_at == page.created_at == page.edited_at,
        "blocks": page.draft["variants"][0]["blocks"],
        "shows": list(page.uses.values_list("form", "shown")) == [(form.pk, True)],
        "form": page.draft["variants"][0]["blocks"][1]["form"] == form.pk,
    }


def _later() -> list[str]:
    """The pages as visitors meet them after all migrations there are."""
    from django.test import Client  # noqa: PLC0415

    return [Client().get(f"/p/{row['slug']}/").content.decode() for row in PAGES]


if __name__ == "__main__":
    sys.exit(main())
