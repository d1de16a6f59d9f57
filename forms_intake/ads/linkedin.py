"""LinkedIn Lead Gen forms: what the Lead Sync API notifies, and how it is asked.

A notification carries ids alone; what was answered is asked for with the account's token, and the words of the
questions, which answers name by number, with it (linkedin_answers.py). Files are read by campaign_manager.py.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings

from forms_intake.ads.campaign_manager import rows_of
from forms_intake.ads.connecting import Access, Answer, NotTaken, SecretField, Told, TooMany, Unreadable
from forms_intake.ads.linkedin_answers import LONGEST_ID, answer_of, form_id_of, inside, last_of, moment_at, text_of
from leadcrm.lib.outward import NotAnswered, get_json

SIGNED = "hmacsha256="
A_PAGE = 100
MOST_PAGES = 200
CLIENT_SECRET, TOKEN = "client_secret", "token"


class LinkedIn:
    """As forms_intake.ads.connecting.Network says."""

    kind = "linkedin"
    label = "LinkedIn Lead Gen"
    secrets = (
        SecretField(
            CLIENT_SECRET,
            "Client secret of the app",
            "In LinkedIn's developer portal, under Auth. It proves that notifications are LinkedIn's.",
        ),
        SecretField(
            TOKEN,
            "Access token",
            "With the permission r_marketing_leadgen_automation. Answers are fetched with it; it ends after 60 days.",
        ),
    )
    by_file = (
        "In Campaign Manager, open the lead gen forms of the account, download the leads as CSV, and send the file to "
        "the connector, as often as you like. It needs no app, no token and no sign-in at LinkedIn."
    )
    setting_up = (
        "Ask for the Lead Sync API for your app in LinkedIn's developer portal, and give it the ad account.",
        "Make an access token there, under OAuth 2.0 tools: nobody signs in to LinkedIn from here. Save it and the "
        "client secret under Settings, then switch the connector on.",
        "Subscribe the app to lead notifications of the account with the address {address}: LinkedIn asks it at once "
        "for an answer to a challenge, and gets it.",
        "Send a test lead from Campaign Manager: it stands in the log within seconds and makes nothing.",
    )
    known_questions: Mapping[str, str] = {
        "first name": "contact.first_name",
        "last name": "contact.last_name",
        "email": "contact.email",
        "email address": "contact.email",
        "e-mail": "contact.email",
        "work email": "contact.email",
        "phone number": "contact.phone",
        "work phone number": "contact.phone",
        "job title": "contact.job_title",
        "company name": "account.name",
        "industry": "account.industry",
        "country": "contact.country",
        "country/region": "contact.country",
        "city": "contact.city",
    }

    def challenge(self, access: Access, asked: Mapping[str, str]) -> Mapping[str, str] | None:
        code = asked.get("challengeCode", "")
        if not code or len(code) > LONGEST_ID or not access.secrets.get(CLIENT_SECRET):
            return None
        return {"challengeCode": code, "challengeResponse": _signature(access, code.encode())}

    def is_genuine(self, access: Access, body: bytes, headers: Mapping[str, str]) -> bool:
        said = headers.get("X-LI-Signature", "").strip().lower().removeprefix(SIGNED)
        right = _signature(access, SIGNED.encode() + body)
        return hmac.compare_digest(said.encode(errors="replace"), right.encode()) and bool(
            access.secrets.get(CLIENT_SECRET)
        )

    def told(self, access: Access, body: bytes) -> Sequence[Told]:
        try:
            said = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise NotTaken("It is not JSON.") from error
        rows = said if isinstance(said, list) else [said]
        return [found for row in rows[:1000] if (found := _told(access, row))]

    def fetch(self, access: Access, external_id: str) -> Answer:
        response = self._get(access, f"/rest/leadFormResponses/{quote(external_id, safe='')}")
        form_id = form_id_of(response)
        if not form_id:
            raise NotAnswered("The answer names no form.", passes=False)
        form = self._get(access, f"/rest/leadForms/{quote(form_id, safe='')}")
        return answer_of(response, form, external_id)

    def ids_between(self, access: Access, start: datetime, end: datetime) -> Iterable[Told]:
        owner = f"(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A{quote(access.account_id, safe='')})"
        since, until = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
        asked = (
            f"/rest/leadFormResponses?q=owner&owner={owner}&leadType=(leadType:SPONSORED)"
            f"&limitedToTestLeads=false&submittedAtTimeRange=(start:{since},end:{until})"
        )
        for page in range(MOST_PAGES):
            rows = self._rows(access, f"{asked}&start={page * A_PAGE}&count={A_PAGE}")
            # Nobody says in which order they come, so that the first of too many are no use.
            if not page and len(rows) >= A_PAGE and self._rows(access, f"{asked}&start={MOST_PAGES * A_PAGE}&count=1"):
                raise TooMany
            for row in rows:
                external_id = text_of(inside(row, "id"), LONGEST_ID)
                if external_id:
                    yield Told(external_id, moment_at(inside(row, "submittedAt")))
            if len(rows) < A_PAGE:
                return

    def _rows(self, access: Access, path: str) -> list[Any]:
        elements = self._get(access, path).get("elements")
        return elements if isinstance(elements, list) else []

    def read_file(self, path: Path, name: str) -> Iterator[Answer | Unreadable]:
        return rows_of(path, name)

    def _get(self, access: Access, path: str) -> dict[str, Any]:
        headers = {
            "Authorization": f"Bearer {access.secrets.get(TOKEN, '')}",
            "LinkedIn-Version": settings.LINKEDIN_API_VERSION,
            "X-Restli-Protocol-Version": "2.0.0",
        }
        found = get_json(settings.LINKEDIN_API + path, headers, private=settings.WEBHOOK_PRIVATE_NETWORKS)
        if not isinstance(found, dict):
            raise NotAnswered("The answer is not an object.", passes=False)
        return found


def _signature(access: Access, message: bytes) -> str:
    return hmac.digest(access.secrets.get(CLIENT_SECRET, "").encode(), message, hashlib.sha256).hex()


def _told(access: Access, row: Any) -> Told | None:
    """What one notification tells of. One of another account, or about something else, tells us nothing."""
    if not isinstance(row, dict) or row.get("type") not in (None, "LEAD_ACTION"):
        return None
    owner = last_of(inside(row, "owner", "sponsoredAccount"))
    if access.account_id and owner and owner != access.account_id:
        return None
    external_id = last_of(row.get("leadGenFormResponse"))
    if not external_id:
        raise NotTaken("It names no lead (leadGenFormResponse).")
    withdrawn = row.get("leadAction") == "DELETED"
    return Told(external_id, moment_at(row.get("occurredAt")), withdrawn)
