"""What a submission says, told apart by the record it is about. Reads definitions, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from contacts.consent.purposes import in_force_at, wordings_by_purpose
from contacts.models import PurposeWording
from forms_intake.errors import CannotProcess
from forms_intake.feeding import FED, as_fed, contexts_of_fed
from forms_intake.fitting import DoesNotFit, fitted, keeps
from forms_intake.models import FieldType, FormVersion, Submission
from forms_intake.posts import LANGUAGE
from forms_intake.spec.fields import fields_of_version
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import ContextSpec, FormSpec
from forms_intake.spoken import language_at
from forms_intake.targets import PRODUCT, Target
from leadcrm.lib.claims import Key

POSTED_AT = "posted_at"
"""In the origin of a new run: when the first one was received."""
RETYPED = "retyped"
"""In the origin of one whose e-mail address somebody who works here changed: to what, in its one form. What the person
confirmed or wanted was about another.
"""
CAPTURED = "capture"
"""The source that a submission's origin names when somebody who works here wrote it down; no post can."""


@dataclass(frozen=True)
class Said:
    """One value for one attribute, and what it may do to a value that is there already."""

    target: Target
    value: Any
    update: str


@dataclass(frozen=True)
class Agreed:
    """A consent that was ticked, in the words the person saw; of a purpose, in which language and version of them."""

    level: int
    wording: str
    language: str = ""
    purpose_id: int | None = None
    version_id: int | None = None


@dataclass
class Intent:
    """One submission on its way. The steps fill in `keys`, `contact_id`, `lead_id` and `decision`.

    `agreed` counts now; `asked` only once the person has confirmed it by mail.
    """

    submission: Submission
    form: FormSpec
    context: ContextSpec
    said: list[Said]
    agreed: list[Agreed]
    asked: list[Agreed] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    contact_id: int = 0
    contact_is_new: bool = False
    lead_id: int | None = None
    decision: dict[str, Any] = field(default_factory=dict)
    wrote: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What each value said did to a record that was there before, by record; put into the decision at the end."""

    @property
    def confirmed_at(self) -> datetime | None:
        """When the person confirmed it by a click in a mail, where the form asks for that."""
        said = self.submission.origin.get("confirmed_at")
        return datetime.fromisoformat(said) if said else None

    @property
    def agreed_at(self) -> datetime:
        """From when on it counts what they agreed to."""
        return self.confirmed_at or posted_at(self.submission)

    @property
    def event_id(self) -> int | None:
        """The event that it registers the person for."""
        registers: int | None = self.submission.origin.get("registers") if self.is_captured else None
        return registers or self.form.event_id

    @property
    def is_captured(self) -> bool:
        """Whether somebody who works here wrote it down (forms_intake/capture)."""
        return bool(self.submission.origin.get("source") == CAPTURED)

    @property
    def page_address(self) -> str:
        """The page on which the form was filled in, as far as the browser told."""
        return str(self.submission.origin.get("referrer", ""))

    def about(self, record: str) -> list[Said]:
        return [said for said in self.said if said.target.record == record]

    def values(self, record: str) -> dict[str, Any]:
        """The plain attributes said of `record`, by name."""
        return {said.target.name: said.value for said in self.about(record) if not said.target.custom}

    def custom(self, record: str) -> dict[str, Any]:
        """The custom values said of `record`, by key."""
        return {said.target.name: said.value for said in self.about(record) if said.target.custom}


def posted_at(submission: Submission) -> datetime:
    """When the person sent it: a new run of what somebody else sent before is no new consent."""
    said = submission.origin.get(POSTED_AT)
    return datetime.fromisoformat(said) if said else submission.received_at


def intents_of(submissions: Iterable[Submission]) -> tuple[list[Intent], dict[int, str]]:
    """Read submissions against their forms as they are now: intents, and reasons by id of those that make no sense.

    What was asked by the version they were posted to, and is asked no more, still goes where that version put it.
    A submission through a hosted page is about the page's marketing context, one that a form was fed with about the
    one it names, what registers for an event about the event's wherever it was posted, any other about its form's. Who
    chose a product is interested in that one.
    """
    submissions = list(submissions)
    specs = specs_of({submission.form_id for submission in submissions})
    purposes = {one.purpose.pk for form in specs.values() for one in form.fields if one.purpose}
    wordings = wordings_by_purpose(purposes) if purposes else {}
    as_posted = _as_posted(submissions, specs)
    contexts = contexts_of_fed(submissions)
    intents, problems = [], {}
    for submission in submissions:
        form = as_posted.get((submission.form_id, submission.version_id)) or specs[submission.form_id]
        fed = submission.origin.get(FED, {})
        if fed:
            form = as_fed(form, fed)
        page = form.page_with_id(submission.page_id)
        try:
            said = said_in(form, submission.payload)
        except CannotProcess as problem:
            problems[submission.pk] = problem.message
            continue
        context = page.context if page and not form.event_id else contexts.get(fed.get("context"), form.context)
        if product := next((one.value for one in said if one.target == PRODUCT), None):
            context = replace(context, product_id=product)
            said = [one for one in said if one.target != PRODUCT]
        agreed, asked = _agreed(form, submission, wordings)
        intents.append(Intent(submission, form, context, said, agreed, asked))
    return intents, problems


def _as_posted(submissions: Iterable[Submission], specs: dict[int, FormSpec]) -> dict[tuple[int, int | None], FormSpec]:
    """Forms that have another version by now, with the fields that only an older one had, by form and version."""
    older = {one.version_id for one in submissions if one.version_id not in (None, specs[one.form_id].version_id)}
    found: dict[tuple[int, int | None], FormSpec] = {}
    for version in FormVersion.objects.filter(pk__in=older) if older else ():
        form = specs[version.form_id]
        keys = {one.key for one in form.fields}
        targets = {one.target for one in form.fields}
        gone = [
            one
            for one in fields_of_version(version)
            if one.key not in keys and (one.target is None or one.target not in targets)
        ]
        if gone:
            found[form.id, version.pk] = replace(form, fields=(*form.fields, *gone))
    return found


def form_as_posted(submission: Submission) -> FormSpec:
    """The form as it is, with what only the version that the submission was posted to asked."""
    specs = specs_of([submission.form_id])
    as_posted = _as_posted([submission], specs)
    return as_posted.get((submission.form_id, submission.version_id)) or specs[submission.form_id]


def said_in(form: FormSpec, payload: Mapping[str, Any]) -> list[Said]:
    """What a payload says of each attribute that the form fills. Raises CannotProcess for what does not fit."""
    said = []
    for wanted in form.fields:
        value = payload.get(wanted.key)
        if wanted.target is None or value is None or value in ("", []) or not keeps(wanted):
            continue  # blanks never erase
        try:
            said.append(Said(wanted.target, fitted(wanted, value), wanted.update))
        except DoesNotFit as problem:
            if wanted.type != FieldType.HIDDEN:  # which nobody sees: it stays on the submission only
                raise CannotProcess(f"{wanted.label}: {problem}") from problem
    return said


def shown_in(form: FormSpec, submission: Submission) -> str:
    """The language in which the form was shown, or else the one its page speaks now."""
    said: str | None = submission.origin.get(LANGUAGE)
    return said or language_at(form, form.page_with_id(submission.page_id))


def _agreed(
    form: FormSpec, submission: Submission, wordings: Mapping[int, Sequence[PurposeWording]]
) -> tuple[list[Agreed], list[Agreed]]:
    """What was ticked: what counts now, and what must be confirmed by mail first.

    The words are those in force when the form was shown, in the language it was shown in, which its signed token says;
    or else when it was sent, as its page speaks now. Who writes down for others reads the first words.
    """
    shown_at = posted_at(submission) - timedelta(seconds=submission.origin.get("seconds", 0))
    agreed: list[Agreed] = []
    asked: list[Agreed] = []
    for wanted in form.fields:
        if (
            wanted.type != FieldType.CONSENT
            or not wanted.consent_level
            or submission.payload.get(wanted.key) is not True
        ):
            continue
        if wanted.purpose is None:
            agreed.append(Agreed(wanted.consent_level, wanted.label))
            continue
        version = in_force_at(wordings, wanted.purpose.pk, shown_at)
        language = "" if submission.origin.get("source") == CAPTURED else shown_in(form, submission)
        words, words_in = version.said_in(language) if version else (wanted.label, "")
        one = Agreed(
            wanted.consent_level,
            words,
            words_in,
            purpose_id=wanted.purpose.pk,
            version_id=version.pk if version else None,
        )
        # Whoever confirmed the whole form by mail need not confirm a part of it again.
        waits = wanted.purpose.confirm and "confirmed_at" not in submission.origin
        (asked if waits else agreed).append(one)
    return agreed, asked
