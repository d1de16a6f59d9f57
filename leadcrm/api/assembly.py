"""Version 1 of the API, put together from the routers that stand beside the models of each app."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI

import contacts.api
import forms_intake.anywhere.api
import forms_intake.api
import forms_intake.events.api
import forms_intake.tracking.api
import leads.api
import scoring.api
import segments.api
from leadcrm.api.door import guarded, listen_to_errors
from leadcrm.lib.api.problems import problem
from leadcrm.lib.api.reading import OurParser
from leadcrm.webhooks.described import webhooks_described

ABOUT = """Contacts, accounts, leads, moves, opportunities, interactions, submissions, segments, scores of a workspace.

Send a token with every call: `Authorization: Bearer lcrm_...`. An administrator makes one under *API and webhooks*.
Lists are paged by `cursor`, and followed by asking with `updated_since` for what changed, next time with the
`next_since` of the answer; edits carry the version they are of in `If-Match`; a POST may carry an `Idempotency-Key`.
Refusals are problem details (RFC 9457) with a stable `code`, and `errors` that name fields."""


class Described(NinjaAPI):
    """Its description says what webhooks send, too."""

    def get_openapi_schema(self, *args: Any, **more: Any) -> Any:
        described = super().get_openapi_schema(*args, **more)
        described["webhooks"] = webhooks_described()
        return described


v1 = Described(
    title="LeadCRM API",
    version="1.0.0",
    description=ABOUT,
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api_v1",
    parser=OurParser(),
)
listen_to_errors(v1)
v1.add_router("/contacts", contacts.api.contacts)
v1.add_router("/accounts", contacts.api.accounts)
v1.add_router("", contacts.api.interactions)
v1.add_router("", contacts.api.consents)
v1.add_router("", contacts.api.catalogue)
v1.add_router("/leads", leads.api.records)
v1.add_router("/leads", leads.api.acts)
v1.add_router("/opportunities", leads.api.opportunities)
v1.add_router("", leads.api.lookups)
v1.add_router("", scoring.api.routes)
v1.add_router("/segments", segments.api.routes)
v1.add_router("", forms_intake.api.routes)
v1.add_router("", forms_intake.anywhere.api.routes)
v1.add_router("", forms_intake.events.api.routes)
v1.add_router("", forms_intake.tracking.api.routes)

OPEN = frozenset({"openapi-json"})
"""What anybody may ask: how the API looks. It holds nothing of the workspace."""


def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address that the API has not got."""
    return problem(404, "not_found", "The API has no such address; GET /api/v1/openapi.json says which there are.")


def patterns() -> list[Any]:
    """The addresses of version 1, each behind the door."""
    found = []
    for one in v1.urls[0]:
        if isinstance(one, URLPattern) and one.name not in OPEN:
            one.callback = guarded(nothing_here if one.name == "api-root" else one.callback)
        found.append(one)
    return [*found, path("<path:rest>", guarded(nothing_here), name="nothing")]
