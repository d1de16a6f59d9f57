"""What the demo's people agreed to, in which words, who took it back, and who asks about their data."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from contacts.consent.purposes import add_wording, latest_wordings
from contacts.models import Consent, ConsentLevel, Contact, DataRequest, How, Purpose, PurposeWording, User
from contacts.privacy.requests import answer, enter
from contacts.services.consents import record_consent, withdraw_all
from contacts.services.contacts import create_contact
from contacts.services.guardians import agree_for, note_child
from forms_intake.models import FieldType, FormField, Submission, SubmissionState
from leadcrm.demo.catalogue import COMPANY, PAGES, Catalogue
from leadcrm.lib.languages import ENGLISH

NEWS = "Product news"
NEWS_IN_GERMAN = f"{COMPANY} darf mir über seine Produkte schreiben. Das kann ich jederzeit widerrufen."
WORDED_ANEW = timedelta(days=60)
FAMILY = ("Petra", "Jonas")
"""A guardian and a child."""
OTHERS: tuple[tuple[str, str, int, bool, str], ...] = (
    (
        "Events and webinars",
        "Invitations to roadshows and webinars near you, four to six a year.",
        ConsentLevel.SUBSCRIPTIONS,
        True,
        f"{COMPANY} may invite me to its events. I can take this back at any time.",
    ),
    (
        "Product research",
        "Now and then a question about how you plan your tours.",
        ConsentLevel.PROFILING,
        True,
        f"{COMPANY} may look at which of its pages I read, and ask me about its products.",
    ),
)
TIE = """
UPDATE contacts_consent consent
SET purpose_id = version.purpose_id, version_id = version.id, wording = version.text,
    language = version.language, how = 'form', source = replace(consent.source, 'Form: ', '')
FROM contacts_purposewording version
WHERE version.purpose_id = %(purpose)s AND consent.purpose_id IS NULL AND consent.source LIKE 'Form: %%'
    AND version.number = CASE WHEN consent.recorded_at < %(since)s THEN 1 ELSE 2 END
"""


def make_consents(random: Random, now: datetime, staff: dict[str, User], catalogue: Catalogue) -> None:
    """What was agreed to through forms, and what became of some of it. The purposes are there."""
    news = Purpose.objects.get(name=NEWS)
    FormField.objects.filter(type=FieldType.CONSENT, form__in=catalogue.forms.values()).update(purpose=news)
    with connection.cursor() as cursor:
        cursor.execute(TIE, {"purpose": news.pk, "since": now - WORDED_ANEW})
    agreed = Contact.objects.filter(consent_level__gte=ConsentLevel.MARKETING).exclude(email="").order_by("pk")
    ids = list(agreed.values_list("pk", flat=True))
    leaving = random.sample(ids, min(4, len(ids)))
    for place, contact_id in enumerate(leaving):
        withdraw_all(contact_id=contact_id, how=How.UNSUBSCRIBE if place % 2 else How.CENTRE)
    _unconfirmed(random, now, catalogue)
    _child(staff["maria"])
    _requests([pk for pk in ids if pk not in leaving][:3], now, staff)


def make_purposes(now: datetime, by: User) -> None:
    """What people are asked to agree to; the news in German too, as its page asks for it."""
    _make_news(now, by)
    for name, description, level, confirm, text in OTHERS:
        other = Purpose.objects.create(name=name, description=description, level=level, confirm=confirm)
        add_wording(purpose_id=other.pk, text=text, language=ENGLISH, by=by)


def _make_news(now: datetime, by: User) -> None:
    news: Purpose = Purpose.objects.create(
        name=NEWS, description="What is new, once a month.", level=ConsentLevel.MARKETING
    )
    for text, others in (
        (f"{COMPANY} may write to me about its products.", {}),
        (f"{COMPANY} may write to me about its products. I can take this back at any time.", {"de": NEWS_IN_GERMAN}),
    ):
        add_wording(purpose_id=news.pk, text=text, language=ENGLISH, others=others, by=by)
    PurposeWording.objects.filter(purpose=news, number=1).update(created_at=now - timedelta(days=700))
    PurposeWording.objects.filter(purpose=news, number=2).update(created_at=now - WORDED_ANEW)


def _unconfirmed(random: Random, now: datetime, catalogue: Catalogue) -> None:
    """The form without leads asks for a click in a mail; two people have not clicked yet."""
    page = next(one for one in PAGES if not one.makes_lead)
    form = catalogue.forms[page.slug]
    form.double_opt_in = True
    form.save(update_fields=["double_opt_in"])
    for hours, (first, last) in ((3, ("Petra", "Holm")), (51, ("Idris", "Vance"))):
        email = f"{first}.{last}@roadline.example".lower()
        Submission.objects.create(
            public_id=UUID(int=random.getrandbits(128), version=4),
            form=form,
            page=catalogue.pages[page.slug],
            payload={"first_name": first, "last_name": last, "email": email, "consent": True},
            origin={"ip": "192.0.2.44", "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"},
            state=SubmissionState.UNCONFIRMED,
            received_at=now - timedelta(hours=hours),
        )


def _child(by: User) -> None:
    """An apprentice of sixteen, whose mother agreed to one purpose and has yet to hear of another that he wants."""
    guardian = create_contact(
        by=by, first_name=FAMILY[0], last_name="Hartung", email="petra.hartung@posteo.example", marketing_only=True
    )
    child = create_contact(
        by=by,
        first_name=FAMILY[1],
        last_name="Hartung",
        email="jonas.hartung@roadline.example",
        job_title="Apprentice, dispatch",
        marketing_only=True,
    )
    how = "Signed on the sheet of the open day, in the folder of the training office"
    note_child(child.pk, guardian_id=guardian.pk, agreed=False, how=how, by=by)
    events, news = Purpose.objects.get(name=OTHERS[0][0]), Purpose.objects.get(name=NEWS)
    words = latest_wordings([events.pk, news.pk])
    for purpose in (events, news):
        shown = words[purpose.pk]
        record_consent(contact_id=child.pk, purpose=purpose, version=shown, how=How.CENTRE)
    agree_for(child.pk, purposes=[events.pk], seen=[], by=by, how=How.PERSON, source=how)


def _requests(contact_ids: list[int], now: datetime, staff: dict[str, User]) -> None:
    people = list(Contact.objects.filter(pk__in=contact_ids).order_by("pk"))
    wanted: list[dict[str, Any]] = [
        {"kind": DataRequest.Kind.EXPORT, "by": staff["maria"], "words": "By mail to the address of the imprint"},
        {"kind": DataRequest.Kind.ERASURE, "by": None, "by_themselves": True},
        {"kind": DataRequest.Kind.EXPORT, "by": staff["ada"], "words": "On the phone"},
    ]
    made = [enter(contact=one, **more) for one, more in zip(people, wanted, strict=False)]
    for place, one in enumerate(made):
        ago = timedelta(days=(19, 4, 33)[place])
        DataRequest.objects.filter(pk=one.pk).update(received_at=now - ago, due_on=F("due_on") - ago)
        one.steps.update(at=now - ago)
    if len(made) == len(wanted):
        answer(made[-1].pk, state=DataRequest.State.DONE, words="Sent by registered letter", by=staff["ada"])
    Consent.objects.filter(Q(how="")).update(how=How.FORM)
