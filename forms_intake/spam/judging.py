"""Whether a post looks automatic, and why. It asks no database, and refuses nobody: what it finds are marks."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.conf import settings

from forms_intake.models import Does, FieldType
from forms_intake.posts import Post
from forms_intake.spam import captcha
from forms_intake.spam.rules import Rules, rules
from forms_intake.spec.shape import FormSpec
from leadcrm.lib import ratelimit

HOUR, DAY = 3600, 24 * 3600
OLD_SECONDS = 2 * DAY
SENT_OFTEN = 20
SAME_TEXT = 10
LONG_TEXT = 40
"""Characters from which on a text is somebody's own: "Please call me" says everybody."""
PEOPLE = frozenset({"contact.first_name", "contact.last_name", "contact.job_title"})
NAMES = PEOPLE | {"account.name"}
MARKUP = re.compile(r"\[url|<a\s", re.I)
ADDRESS = re.compile(
    r"https?:/|www\.|\b[a-z0-9-]+\.(?:com|net|org|ru|cn|top|xyz|info|biz|online|site|shop|club)\b", re.I
)
"""What no person is called. Companies are: many type their web address there, or paste it with its http://."""


@dataclass(frozen=True)
class Judged:
    """`marks`: check, words and what follows, each; `spam`: why it is set aside, "" when it is not."""

    marks: list[dict[str, str]] = field(default_factory=list)

    @property
    def spam(self) -> str:
        return " ".join(mark["words"] for mark in self.marks if mark["does"] == Does.ASIDE)


def judge(form: FormSpec, post: Post, values: Mapping[str, Any], *, sender: str) -> Judged:
    """Look at one post whose values were accepted; `sender` is whoever counts as one sender."""
    said = rules()
    return _judged(said, chain(_about_visitor(form, post), _about_values(form, values, sender, said)))


def judge_brought(form: FormSpec, values: Mapping[str, Any], *, sender: str) -> Judged:
    """Look at one post that another system brings. How the visitor filled in a page is not known then, only what; and
    who they are only where that system says so: else `sender` is "", and nobody's posts are counted together.
    """
    said = rules()
    return _judged(said, _about_values(form, values, sender, said))


def _judged(said: Rules, found: Iterable[tuple[str, str]]) -> Judged:
    does = said.does
    return Judged(
        [{"check": code, "words": words, "does": does[code]} for code, words in found if does[code] != Does.OFF]
    )


def _about_visitor(form: FormSpec, post: Post) -> Iterator[tuple[str, str]]:
    if post.honeypot:
        yield "honeypot", "A field that people cannot see was filled in."
    yield from _about_showing(post)
    if form.captcha and post.capture:
        # A form of others holds no captcha of ours, and who filled it in cannot be asked for one: to set all of them
        # aside would lose people. But a program that names a capture and claims its site comes this way, too. So it is
        # a mark of its own, and the workspace says what follows.
        yield "heard", "The form asks for a captcha; this was heard through a form of others, which has none."
    elif form.captcha:
        yield from captcha.doubts(form, post)


def _about_values(form: FormSpec, values: Mapping[str, Any], sender: str, said: Rules) -> Iterator[tuple[str, str]]:
    yield from _about_texts(form, values)
    yield from _about_address(form, values, said)
    most = settings.FORM_ADDRESS_PER_HOUR
    if sender and not ratelimit.allow(f"hour:{sender}", limit=most, seconds=HOUR).allowed:
        yield "address", f"More than {most:,} posts came from this address within an hour."
    if not ratelimit.allow(f"hour:form:{form.id}", limit=settings.FORM_TOTAL_PER_HOUR, seconds=HOUR).allowed:
        yield "busy", f"The form got more than {settings.FORM_TOTAL_PER_HOUR:,} posts within an hour."


def _about_showing(post: Post) -> Iterator[tuple[str, str]]:
    if post.seconds is None:
        return
    if post.seconds * 1000 < settings.FORM_MIN_MILLISECONDS:
        yield "quick", f"It came {post.seconds:.3f} seconds after the form was shown."
    if post.seconds > OLD_SECONDS:
        yield "old", f"The form was shown {post.seconds / DAY:.0f} days before it was sent."
    if not ratelimit.allow(f"token:{_short(post.token)}", limit=SENT_OFTEN, seconds=DAY).allowed:
        yield "worn", f"What was shown once was sent more than {SENT_OFTEN} times within a day."


def _about_texts(form: FormSpec, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in form.fields:
        said = values.get(one.key)
        if not isinstance(said, str):
            continue
        fills = f"{one.target.record}.{one.target.name}" if one.target else ""
        if (fills in NAMES and MARKUP.search(said)) or (fills in PEOPLE and ADDRESS.search(said)):
            yield "links", f"“{one.label}” holds a web address."
        if one.type == FieldType.LONG_TEXT and len(said) >= LONG_TEXT:
            plain = re.sub(r"\W+", " ", said.casefold())
            if not ratelimit.allow(f"text:{_short(plain)}", limit=SAME_TEXT, seconds=DAY).allowed:
                yield "text", f"The same text in “{one.label}” came more than {SAME_TEXT} times within a day."


def _about_address(form: FormSpec, values: Mapping[str, Any], said: Rules) -> Iterator[tuple[str, str]]:
    for one in form.fields:
        address = values.get(one.key)
        if one.type == FieldType.EMAIL and isinstance(address, str):
            domain = address.rpartition("@")[2].lower()
            if said.is_disposable(domain):
                yield "disposable", f"{domain} hands out disposable addresses."


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=12).hexdigest()
