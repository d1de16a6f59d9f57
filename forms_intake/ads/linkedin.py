"""LinkedIn Lead Gen forms: notifications of the Lead Sync API, its answers, and the files of Campaign Manager.

A notification carries ids alone; what was answered is asked for with the account's token, and the words of the
questions, which answers name by number, with it. Questions are told apart by their words, as people see them.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.dateparse import parse_datetime

from forms_intake.ads.connecting import Access, Answer, From, NotTaken, Said, SecretField, Told, Unreadable
from forms_intake.imports.errors import UnreadableFile
from forms_intake.imports.looking import CSV, look, open_file
from forms_intake.validation import storable
from leadcrm.lib.outward import NotAnswered, get_json

SIGNED = "hmacsha256="
A_PAGE = 100
MOST_PAGES = 200
LONGEST_ID = 200
LONGEST_ANSWER = 5_000
MOST_ANSWERS = 100

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
    setting_up = (
        "Ask for the Lead Sync API for your app in LinkedIn's developer portal, and give it the ad account.",
        "Save the client secret and a token here, then switch the connector on.",
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
        form_id = _form_id(response)
        if not form_id:
            raise NotAnswered("The answer names no form.", passes=False)
        form = self._get(access, f"/rest/leadForms/{quote(form_id, safe='')}")
        return answer_of(response, form, external_id)

    def ids_since(self, access: Access, since: datetime) -> Iterable[Told]:
        owner = f"(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A{quote(access.account_id, safe='')})"
        start, now = int(since.timestamp() * 1000), int(datetime.now(UTC).timestamp() * 1000)
        asked = (
            f"/rest/leadFormResponses?q=owner&owner={owner}&leadType=(leadType:SPONSORED)"
            f"&limitedToTestLeads=false&submittedAtTimeRange=(start:{start},end:{now})"
        )
        for page in range(MOST_PAGES):
            found = self._get(access, f"{asked}&start={page * A_PAGE}&count={A_PAGE}")
            elements = found.get("elements")
            rows = elements if isinstance(elements, list) else []
            for row in rows:
                external_id = _text(_in(row, "id"), LONGEST_ID)
                if external_id:
                    yield Told(external_id, _moment(_in(row, "submittedAt")))
            if len(rows) < A_PAGE:
                return

    def read_file(self, path: Path, name: str) -> Iterator[Answer | Unreadable]:
        return _rows(path, name)

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
    owner = _last(_in(row, "owner", "sponsoredAccount"))
    if access.account_id and owner and owner != access.account_id:
        return None
    external_id = _last(row.get("leadGenFormResponse"))
    if not external_id:
        raise NotTaken("It names no lead (leadGenFormResponse).")
    withdrawn = row.get("leadAction") == "DELETED"
    return Told(external_id, _moment(row.get("occurredAt")), withdrawn)


def answer_of(response: Mapping[str, Any], form: Mapping[str, Any], external_id: str) -> Answer:
    """A lead, of the two things LinkedIn tells: what was answered by number, and the words of the form."""
    content = _in(form, "content") or {}
    questions = {str(_in(one, "questionId")): one for one in _list(_in(content, "questions"))}
    consents = {str(_in(one, "id")): one for one in _list(_in(content, "legalInfo", "consents"))}
    said = []
    for one in _list(_in(response, "formResponse", "answers"))[:MOST_ANSWERS]:
        number = str(_in(one, "questionId"))
        question = questions.get(number, {})
        words = _localised(_in(question, "question")) or _text(_in(question, "name"), 300) or f"Question {number}"
        answer = _answered(_in(one, "answerDetails") or {}, question)
        if answer:
            said.append(Said(words[:300], answer))
    for one in _list(_in(response, "formResponse", "consentResponses"))[:MOST_ANSWERS]:
        number = str(_in(one, "consentId"))
        words = _localised(_in(consents.get(number, {}), "consent")) or f"Consent {number}"
        ticked = _in(one, "accepted") is True
        said.append(Said(words[:300], "Yes" if ticked else "No", is_consent=True, ticked=ticked))
    campaign = _in(response, "leadMetadataInfo", "sponsoredLeadMetadataInfo", "campaign") or {}
    through = From(
        account_id=_last(_in(response, "owner", "sponsoredAccount")),
        account_name=_text(_in(response, "ownerInfo", "sponsoredAccountInfo", "name"), 200),
        campaign_id=_last(_in(campaign, "id") or _in(response, "leadMetadata", "sponsoredLeadMetadata", "campaign")),
        campaign_name=_text(_in(campaign, "name"), 200),
        creative_id=_last(
            _in(response, "associatedEntityInfo", "associatedCreative", "id")
            or _in(response, "associatedEntity", "associatedCreative")
        ),
        form_id=_form_id(response),
        form_name=_text(_in(form, "name"), 200),
    )
    at = _moment(_in(response, "submittedAt"))
    return Answer(external_id, said, through, at, is_test=_in(response, "testLead") is True)


def _answered(details: Any, question: Mapping[str, Any]) -> str:
    text = _in(details, "textQuestionAnswer", "answer")
    if text is not None:
        return _text(text, LONGEST_ANSWER)
    chosen = _list(_in(details, "multipleChoiceAnswer", "options"))
    known = {
        str(_in(one, "id")): _localised(_in(one, "text"))
        for one in _list(_in(question, "questionDetails", "multipleChoiceQuestionDetails", "options"))
    }
    return ", ".join(known.get(str(one)) or str(one) for one in chosen)[:LONGEST_ANSWER]


def _form_id(response: Mapping[str, Any]) -> str:
    """3162 of urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)."""
    said = _in(response, "versionedLeadGenFormUrn") or _in(response, "leadGenForm") or ""
    return _last(str(said).partition("(")[2].partition(",")[0] or said)


def _in(found: Any, *path: str) -> Any:
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _text(found: Any, most: int) -> str:
    return storable(str(found)).strip()[:most] if isinstance(found, str | int) else ""


def _last(urn: Any) -> str:
    """The id at the end of a URN, or the id itself."""
    return _text(urn, 500).rpartition(":")[2].strip(")")[:LONGEST_ID]


def _localised(found: Any) -> str:
    """The words in English where there are such, else in the first language there is."""
    words = _in(found, "localized")
    if isinstance(words, Mapping) and words:
        return _text(words.get("en_US") or next(iter(words.values())), 300)
    return _text(found, 300)


def _moment(milliseconds: Any) -> datetime | None:
    if not isinstance(milliseconds, int) or isinstance(milliseconds, bool):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


# --- Files of Campaign Manager -----------------------------------------------------------------------------------

COLUMNS: dict[str, str] = {
    "lead id": "id",
    "response id": "id",
    "form response id": "id",
    "created at": "at",
    "submitted at": "at",
    "submitted date": "at",
    "date created": "at",
    "time of submission": "at",
    "account id": "account_id",
    "account name": "account_name",
    "campaign": "campaign_name",
    "campaign id": "campaign_id",
    "campaign name": "campaign_name",
    "ad id": "creative_id",
    "creative id": "creative_id",
    "form id": "form_id",
    "lead gen form id": "form_id",
    "form": "form_name",
    "form name": "form_name",
    "lead gen form name": "form_name",
    "lead form name": "form_name",
    "test lead": "test",
    "lead type": "",
    "lead status": "",
    "status": "",
    "campaign group": "",
    "campaign group name": "",
    "campaign group id": "",
    "campaign type": "",
    "creative name": "",
    "ad name": "",
}
"""Columns of Campaign Manager that are no questions, by their names in small letters; every other is a question."""
FORMATS = (
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%y, %I:%M %p",
    "%m/%d/%y %H:%M",
    "%m/%d/%Y",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y, %I:%M %p",
    "%B %d, %Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
)
"""Campaign Manager writes American dates, in UTC."""


def _rows(path: Path, name: str) -> Iterator[Answer | Unreadable]:
    try:
        found = look(path, name=name)
        reader = open_file(
            path, kind=found.kind, name=name, encoding=found.encoding, delimiter=found.delimiter, sheet=found.sheet
        )
    except (UnreadableFile, csv.Error, UnicodeError) as error:
        raise NotTaken(getattr(error, "message", "") or f"{name} cannot be read.") from error
    if found.kind != CSV and not found.header:
        raise NotTaken(f"{name} has no header.")
    return _read(reader, found.header)


def _read(reader: Any, header: list[str]) -> Iterator[Answer | Unreadable]:
    meaning = [COLUMNS.get(_column(name)) for name in header]
    try:
        for record in reader:
            if record.problem:
                yield Unreadable(record.line, record.problem)
                continue
            yield _row(record.line, record.cells, header, meaning)
    finally:
        reader.close()


def _row(line: int, cells: list[str], header: list[str], meaning: list[str | None]) -> Answer | Unreadable:
    about: dict[str, str] = {}
    said = []
    for name, means, cell in zip(header, meaning, cells, strict=False):
        text = storable(cell).strip()
        if means:
            about.setdefault(means, text[:LONGEST_ID])
        elif means is None and name and text:
            said.append(Said(name.strip()[:300], text[:LONGEST_ANSWER]))
    if not said:
        return Unreadable(line, "no question is answered")
    at = moment_of(about.get("at", ""))
    if about.get("at") and at is None:
        return Unreadable(line, f"“{about['at'][:50]}” is no date that can be read")
    through = From(
        **{key: _last(about.get(key, "")) if key.endswith("_id") else about.get(key, "") for key in _THROUGH}
    )
    is_test = about.get("test", "").casefold() in ("true", "yes", "1", "test")
    return Answer(_last(about.get("id", "")), said, through, at, is_test)


_THROUGH = ("account_id", "account_name", "campaign_id", "campaign_name", "creative_id", "form_id", "form_name")


def _column(name: str) -> str:
    """ "Created At (UTC)" as "created at"."""
    return " ".join(name.replace("_", " ").partition("(")[0].casefold().split())


def moment_of(text: str) -> datetime | None:
    """A date of a file, in UTC; None for what is none."""
    text = " ".join(text.replace("\u202f", " ").removesuffix("UTC").split())
    if not text:
        return None
    if text.isdecimal() and len(text) in (10, 13):
        return _moment(int(text) * (1000 if len(text) == 10 else 1))
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    for pattern in FORMATS if found is None else ():
        try:
            found = datetime.strptime(text, pattern)
        except ValueError:
            continue
        break
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
