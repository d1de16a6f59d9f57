"""Reading a post: from bytes to texts by key, and what else is known about where it came from."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from forms_intake import known
from forms_intake.errors import LengthMissing, NotParseable, TooLarge
from forms_intake.tracking.identities import key_of
from forms_intake.validation import last_said, storable
from leadcrm.lib.address import client_address

TOKEN = "_token"  # noqa: S105
PAGE = "_page"
WHO = "_who"
"""The signed word of the link that a visitor came by."""
VARIANT = "_variant"
"""The letter of what a visitor saw of a page under test."""
AT = "_at"
"""The address of the page of somebody else's that the form stood on: browsers tell us its origin only."""
PROOF = "_proof"
CAPTURE = "_capture"
"""Through which form of others a post was heard, by its number, and under UNMAPPED which of its names were left out."""
UNMAPPED = "_unmapped"
VISITOR = "_visitor"
"""The cookie of a website of ours, which its script sends along. Only a digest of it is kept."""
KIOSK = "_kiosk"
"""Says that the form stands at a kiosk: the next person fills it in on the same device."""
LANGUAGE = "language"
"""Of the origin: in which language a form that asks for a purpose was shown."""
HONEYPOT = "your-website"
TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "fbclid", "msclkid")
CAPTCHAS = ("cf-turnstile-response", "h-captcha-response", "g-recaptcha-response")
RESERVED = frozenset(
    {TOKEN, PAGE, WHO, VARIANT, VISITOR, AT, PROOF, CAPTURE, UNMAPPED, KIOSK, HONEYPOT, *CAPTCHAS, *TAGS}
)
"""Keys that are ours. A form's own keys begin with a letter and hold no hyphen, so they cannot collide with these."""

MOST_CHARACTERS = 300
REPLACEMENT = "\ufffd"
TOKEN_CHARACTERS = 200
MOST_FIELDS = 1_000
"""Of a post; pages of ours may have more (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)."""


@dataclass(frozen=True)
class Post:
    """One post as it was read. `seconds` since the form was shown, None when that is not known."""

    texts: dict[str, list[str]]
    is_json: bool
    token: str
    page_slug: str
    letter: str
    who: str
    honeypot: str
    seconds: float | None
    origin: dict[str, Any]
    capture: int = 0
    kiosk: bool = False


def is_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def wants_json(request: HttpRequest) -> bool:
    """Whether the sender is a program that reads JSON."""
    accept = request.META.get("HTTP_ACCEPT", "")
    return is_json(request) or ("application/json" in accept and "text/html" not in accept)


def check_size(request: HttpRequest) -> None:
    """Raises TooLarge, or LengthMissing for a post in chunks, before a byte is read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and "HTTP_TRANSFER_ENCODING" in request.META:
        raise LengthMissing  # its end cannot be known before it is read, and Django would take it for empty
    if length.isdecimal() and int(length) > settings.FORM_POST_BYTES:
        raise TooLarge(settings.FORM_POST_BYTES)


def read(request: HttpRequest) -> Post:
    """Read the request's body. Raises NotParseable."""
    try:
        texts = _from_json(request.body) if is_json(request) else _from_form(request)
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError, LookupError) as error:
        raise NotParseable("the form data is damaged") from error
    token = _last(texts, TOKEN)[:TOKEN_CHARACTERS]
    seconds, language = _shown(token)
    origin = _origin(request, texts)
    if seconds is not None:
        origin["seconds"] = round(seconds, 1)
    if language:
        origin[LANGUAGE] = language
    if visitor := key_of(_last(texts, VISITOR)):
        origin["visitor"] = str(visitor)
    return Post(
        texts=texts,
        is_json=wants_json(request),
        token=token,
        page_slug=_last(texts, PAGE),
        letter=_letter(_last(texts, VARIANT)),
        who=_last(texts, WHO),
        honeypot=_last(texts, HONEYPOT),
        seconds=seconds,
        origin=origin,
        capture=_number(_last(texts, CAPTURE)),
        kiosk=_last(texts, KIOSK) == "1",
    )


def _letter(said: str) -> str:
    return said if len(said) == 1 and "A" <= said <= "Z" else ""


def new_token(language: str = "") -> str:
    """A token for one rendering of a form: random, with the time it was shown, signed; of a form that asks for a
    purpose, with the language in which, too.
    """
    said = f".{language}" if language else ""
    return _signer().sign(f"{token_urlsafe(12)}{said}.{int(time.time() * 1000)}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _signer() -> Signer:
    return Signer(salt="forms_intake.token", sep="~")


def _shown(token: str) -> tuple[float | None, str]:
    """Seconds since the token was made, None for one that we did not make, or whose time is still to come: then our
    clock was set back meanwhile, and nobody was too quick. And the language it says.
    """
    if "~" not in token:
        return None, ""
    try:
        said = _signer().unsign(token).split(".")
        made = int(said[-1])
    except (BadSignature, ValueError):
        return None, ""
    age = time.time() - made / 1000
    return age if age >= 0 else None, said[1] if len(said) > 2 else ""


def _last(texts: dict[str, list[str]], key: str) -> str:
    return last_said(texts.get(key, []))


def _from_form(request: HttpRequest) -> dict[str, list[str]]:
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise NotParseable("send a form or JSON")
    body = request.body  # at most FORM_POST_BYTES; once the form is read, it is gone
    texts = {key: [str(text) for text in values] for key, values in request.POST.lists()}
    if sum(map(len, texts.values())) > MOST_FIELDS:
        raise NotParseable(f"it has more than {MOST_FIELDS:,} fields")
    _refuse_other_encodings(body, texts)
    for name in request.FILES:  # files are not taken; their names are listed with the other unknown keys
        texts.setdefault(name, [])
    return texts


def _refuse_other_encodings(body: bytes, texts: dict[str, list[str]]) -> None:
    """Raises NotParseable for bytes that are not UTF-8, which Django has replaced: names would be damaged for good."""
    replaced = sum(text.count(REPLACEMENT) for values in texts.values() for text in values)
    replaced += sum(key.count(REPLACEMENT) for key in texts)
    if replaced:
        typed = unquote_to_bytes(body.replace(b"+", b" ")) if b"%" in body else body
        if max(typed.count(REPLACEMENT.encode()), body.count(REPLACEMENT.encode())) < replaced:
            raise NotParseable("it is not UTF-8")


def _from_json(body: bytes) -> dict[str, list[str]]:
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant)
        if not isinstance(data, dict):
            raise NotParseable("the JSON must be an object with a value for each field")
        # What nests just deep enough to be read may be too deep to be written again.
        return {
            key: [_text(one) for one in value] if isinstance(value, list) else [] if value is None else [_text(value)]
            for key, value in data.items()
        }
    except (ValueError, RecursionError) as error:
        raise NotParseable("it is not JSON") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _origin(request: HttpRequest, texts: dict[str, list[str]]) -> dict[str, Any]:
    """Where it came from: address, browser, the page before, and campaign tags posted or in that page's address."""
    referrer = (_last(texts, AT) if AT in texts else "") or request.META.get("HTTP_REFERER", "")
    tags = _tags(referrer) if "?" in referrer else {}
    tags |= {tag: _last(texts, tag) for tag in TAGS if tag in texts}
    found = {
        "ip": client_address(request),
        "user_agent": request.META.get("HTTP_USER_AGENT", ""),
        "referrer": referrer,
        **tags,
    }
    return {key: storable(value)[:MOST_CHARACTERS] for key, value in found.items() if value}


def tags_of(request: HttpRequest) -> dict[str, str]:
    """The campaign tags in the address that is asked for."""
    return {tag: request.GET[tag][:MOST_CHARACTERS] for tag in TAGS if tag in request.GET}


def at_kiosk(request: HttpRequest) -> bool:
    """Whether the address that is asked for is a kiosk's."""
    return request.GET.get(KIOSK.removeprefix("_")) == "1"


def who_of(request: HttpRequest) -> str:
    """The signed word in the address that is asked for, "" for none."""
    return request.GET.get(known.WHO, "")[: known.MOST_CHARACTERS]


def _tags(referrer: str) -> dict[str, str]:
    try:
        query = parse_qsl(urlsplit(referrer).query, max_num_fields=100)
    except ValueError:
        return {}
    return {key: value for key, value in query if key in TAGS}
