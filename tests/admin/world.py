"""One row of everything the admin shows, each text column holding `words`."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

from django.utils import timezone

from contacts.models import (
    Absence,
    AccountKey,
    AccountPair,
    Change,
    DuplicatePair,
    DuplicateSearch,
    Entity,
    FieldChange,
    Guardianship,
    InteractionKey,
    LaterChange,
    ListExport,
    MailDomain,
    MatchKey,
    Merge,
    MergedRows,
    OutboxEvent,
    OutboxWish,
    SavedView,
    Team,
    TeamMember,
    Territory,
    ViewChoice,
    WorkSettings,
)
from forms_intake.building.definition import freeze as freeze_form
from forms_intake.models import (
    CaptureForm,
    CaptureOccasion,
    DisposableDomain,
    DroppedName,
    Event,
    EventRegistration,
    EventSession,
    FormCapture,
    FormDay,
    FormVersion,
    ImportChunk,
    ImportReject,
    ImportRun,
    PageImage,
    PageSlug,
    PageTest,
    PageVisits,
    RefusedOrigin,
    RegistrationStep,
    Retention,
    SavedMapping,
    SessionPlace,
    SpamRule,
    Submission,
    SubmissionEvent,
    SubmissionKey,
)
from forms_intake.models.tracking import (
    Hit,
    Identification,
    MailTouch,
    PageRule,
    RawHit,
    Visit,
    Visitor,
    VisitorIdentity,
    Website,
)
from leadcrm.api.models import KeptAnswer
from leadcrm.api.tokens import make_token
from leadcrm.webhooks.models import Attempt, Delivery, Subscription
from leads.models import BulkChunk, BulkJob, BulkRefusal, BulkWhat, Leaver
from scoring.definition import freeze
from scoring.models import LeadScore, ModelVersion, RescoreRun, ScoreChange, Switches
from segments.models import Kind, Segment
from segments.services.picks import add
from tests.admin.ads_world import of_ads
from tests.admin.consent_world import of_consent
from tests.admin.given import Given, Subjects
from tests.admin.leads_world import of_assignment, of_calls, of_leads, of_opportunities, of_work
from tests.admin.mail_world import of_mailboxes
from tests.build import (
    a_campaign,
    a_contact,
    a_context,
    a_custom_field,
    a_form,
    a_lead,
    a_model,
    a_page,
    a_product,
    a_rule,
    a_segment,
    a_user,
    an_account,
    an_interaction,
)
from tests.events.making import an_event


def one_of_everything(words: str = "Nordwind", tag: str = "one") -> None:
    """`tag` keeps unique columns apart; `words` stand wherever a column takes free text of that length."""
    user = a_user(username=tag, first_name=words[:150], last_name=words[:150])
    given = Given(words, tag, timezone.now(), user)
    of_people(given)
    subjects = subjects_of(given)
    for part in (
        of_contacts,
        of_consent,
        of_changes,
        of_leads,
        of_calls,
        of_work,
        of_opportunities,
        of_assignment,
        of_scoring,
        of_segments,
        of_forms,
        of_ads,
        of_mailboxes,
        of_events,
        of_tracking,
        of_lists,
        of_other_systems,
    ):
        part(given, subjects)


def of_people(given: Given) -> None:
    user, now = given.user, given.now
    TeamMember.objects.create(team=Team.objects.create(name=given.name), user=user)
    Territory.objects.create(name=given.name)
    WorkSettings.objects.create(user=user)
    Absence.objects.create(user=user, first_day=now, last_day=now, note=given.words[:200])
    Leaver.objects.create(user=user, looked_at=now)


def subjects_of(given: Given) -> Subjects:
    words, user = given.words, given.user
    account = an_account(words[:200], city=words[:100], industry=words[:100], owner=user)
    contact = a_contact(
        words[:100], words[:100], job_title=words[:150], city=words[:100], phone=words[:50], account=account, owner=user
    )
    campaign, product = a_campaign(given.name), a_product(given.name)
    context = a_context(given.name, campaign=campaign, product=product)
    lead = a_lead(
        contact, words[:200], description=words, campaign=campaign, product=product, marketing_context=context
    )
    done = an_interaction(contact, subject=words[:300], source=words[:30], payload={words: words})
    return Subjects(account, contact, lead, done)


def of_contacts(given: Given, subjects: Subjects) -> None:
    words = given.words
    MatchKey.objects.create(kind="email", value=given.name, contact=subjects.contact)
    InteractionKey.objects.create(key=given.name, interaction_id=subjects.interaction.pk)
    Guardianship.objects.create(child=a_contact(words[:100]), guardian=subjects.contact, how=words[:300])
    a_custom_field(f"key_{given.tag}", label=given.name, help_text=words[:200], choices=[words[:200]])


def of_changes(given: Given, subjects: Subjects) -> None:
    words, lead = given.words, subjects.lead
    Change.objects.create(consumer=words[:30], subject="lead", subject_id=lead.pk)
    FieldChange.objects.create(
        subject="lead",
        subject_id=lead.pk,
        field="topic",
        before=words,
        after=None,
        changed_at=given.now,
        actor=given.user,
        cause=words[:100],
    )
    merged = Merge.objects.create(
        entity="contact", survivor_id=subjects.contact.pk, gone_id=subjects.contact.pk + 10**9, gone_name=words[:300]
    )
    MergedRows.objects.create(merge=merged, what=words[:150], ids=[1])
    DuplicatePair.objects.create(first=subjects.contact, second=a_contact(words[:100]), likeness=50, reasons=["name"])
    DuplicateSearch.objects.create()
    companies = an_account(words[:100]), an_account(f"{words[:100]} AG")
    AccountPair.objects.create(first=companies[0], second=companies[1], likeness=50, reasons=["bare_name"])
    AccountKey.objects.create(account=companies[0], kind="name", value=given.name[:200])
    MailDomain.objects.create(domain=f"{given.name[-20:]}.example")
    LaterChange.objects.create(contact_id=subjects.contact.pk, due_at=given.now + timedelta(days=1))
    OutboxEvent.objects.create(kind=words[:50], payload={"words": words})


def of_scoring(given: Given, subjects: Subjects) -> None:
    words, lead, now = given.words, subjects.lead, given.now
    model = a_model(given.name, description=words, owner=given.user, grades={words[:30]: 0})
    a_rule(model, 5, words[:100], interaction_type="call", subject_contains=words[:200], condition=given.about_topic)
    version = ModelVersion.objects.create(model=model, number=1, definition=freeze(model), created_by=given.user)
    LeadScore.objects.create(
        lead=lead,
        model=model,
        version=version,
        score=5,
        grade=words[:30],
        reached=False,
        points=[5],
        counts=[1],
        computed_at=now,
    )
    ScoreChange.objects.create(lead=lead, model=model, version=version, score=5, points=[5], changed_at=now)
    RescoreRun.objects.create(model=model, up_to_id=100)
    Switches.objects.get_or_create(pk=1)


def of_segments(given: Given, subjects: Subjects) -> None:
    segment = a_segment(given.name, description=given.words, kind=Kind.STATIC)
    add(segment, [subjects.contact.pk], by=given.user, source=given.words[:200])
    Segment.objects.filter(pk=segment.pk).update(condition=given.about_topic, error=given.words[:500])


def of_forms(given: Given, subjects: Subjects) -> None:
    words = given.words
    form = a_form(given.name, topic=words[:200], thank_you=words, lead_owner=given.user)
    FormVersion.objects.create(form=form, number=1, definition=freeze_form(form), note=words[:200])
    form.fields.update(label=words[:300], placeholder=words[:200], default=words[:200], choices=[words[:200]])
    page = a_page(form, slug=given.tag, body=words, button=words[:50])
    PageSlug.objects.create(page=page, slug=f"{given.tag}-before")
    PageTest.objects.create(page=page, number=1, letters=["A"], expected=10, difference=20, planned=100)
    PageVisits.objects.create(page=page, day=given.now.date())
    sizes = {"width": 4, "height": 3, "size": 1, "small_width": 4, "large": b"1", "small": b"1", "social": b"1"}
    PageImage.objects.create(name=words[:150], alt=words[:300], **sizes)
    post = Submission.objects.create(
        public_id=uuid.uuid4(),
        form=form,
        page=page,
        payload={words: words},
        dropped=[words[:100]],
        origin={"agent": words},
        error=words,
        decision={"contact": {"reason": words}},
        contact=subjects.contact,
        lead=subjects.lead,
        state="failed",
    )
    SubmissionEvent.objects.create(submission=post, deed="edited", by=given.user, changes=[{"label": words}])
    Retention.objects.get_or_create(pk=1)
    RefusedOrigin.objects.create(form=form, origin=words[:300])
    FormDay.objects.create(form=form, day=given.now.date(), shard=0, visits=3)
    capture = FormCapture.objects.create(form=form, name=words[:100], selector=words[:200], names={words: "email"})
    DroppedName.objects.create(capture=capture, name=words[:100])
    SpamRule.objects.get_or_create(check_code=given.tag[:20], does="note")
    DisposableDomain.objects.get_or_create(domain=words[:253])
    soon = given.now + timedelta(minutes=5)
    SubmissionKey.objects.create(key=uuid.uuid4().bytes, public_id=uuid.uuid4(), expires_at=soon)
    run = ImportRun.objects.create(
        name=words[:200], marketing_context=a_context(f"Import {given.tag}"), mapping={"column": words}
    )
    ImportChunk.objects.create(run=run, position=0, rows=1, contacts=[subjects.contact.pk])
    ImportReject.objects.create(run=run, line=2, column=words, reason=words, cells=[words])
    SavedMapping.objects.create(name=f"{words[:80]} {given.tag}", mapping={"column": words}, by=given.user)


def of_events(given: Given, subjects: Subjects) -> None:
    words, now = given.words, given.now
    event = an_event(f"{words[:100]} {given.tag}", slug=f"event-{given.tag or 'first'}", live=False, words=words)
    Event.objects.filter(pk=event.pk).update(place=words[:300], cancelled_words=words)
    session = EventSession.objects.create(
        event=event, name=words[:150], room=words[:150], starts_at=now, ends_at=now + timedelta(hours=1)
    )
    registration = EventRegistration.objects.create(
        event=event, contact=subjects.contact, lead=subjects.lead, state="registered", queued_at=now
    )
    SessionPlace.objects.create(registration=registration, session=session, state="registered", queued_at=now)
    RegistrationStep.objects.create(registration=registration, what=words[:150], by=given.user)
    CaptureForm.objects.create(form=a_form(f"Capture {given.tag}"))
    CaptureOccasion.objects.create(
        name=words[:200], event=event, marketing_context=event.marketing_context, made_by=given.user
    )


def of_tracking(given: Given, subjects: Subjects) -> None:
    words, now, contact = given.words, given.now, subjects.contact
    context = a_context(f"Website {given.tag}", "website")
    site = Website.objects.create(name=given.name, origins=["https://www.nordwind.example"], marketing_context=context)
    rule = PageRule.objects.create(website=site, name=words[:100], pattern=f"/{words}"[:300], marketing_context=context)
    RawHit.objects.create(kind="hits", website_id=site.pk, body=words, user_agent=words[:300], error=words[:300])
    visitor = Visitor.objects.create(key=uuid.uuid4(), first_seen=now, last_seen=now)
    VisitorIdentity.objects.create(visitor=visitor, contact=contact, since=now, how="form")
    submission = Submission.objects.latest("pk")
    Identification.objects.create(key=uuid.uuid4(), contact=contact, since=now, submission=submission)
    visit = Visit.objects.create(
        website=site, visitor=visitor, contact=contact, started_at=now, ended_at=now, landing=words[:300],
        referrer=words[:300], tags={words: words},
    )  # fmt: skip
    Hit.objects.create(
        key=uuid.uuid4(), visit=visit, website=site, at=now, host="www.nordwind.example", path=f"/{words}"[:300],
        title=words[:200], rule=rule,
    )  # fmt: skip
    MailTouch.objects.create(
        contact=contact, mail=words[:100], subject=words[:200], link=words[:1500], link_key=uuid.uuid4(),
        interaction=subjects.interaction,
    )  # fmt: skip


def of_lists(given: Given, subjects: Subjects) -> None:
    words, user = given.words, given.user
    ListExport.objects.create(user=user, entity=Entity.LEAD, query=words, columns=[words[:80]])
    job = BulkJob.objects.create(what=BulkWhat.TAKE, words=words[:300], by=user)
    BulkChunk.objects.create(job=job, ids=[subjects.lead.pk])
    BulkRefusal.objects.create(job=job, record_id=subjects.lead.pk, record_words=words[:300], reason=words[:300])
    view = SavedView.objects.create(entity=Entity.LEAD, name=words[:80], owner=user, query={words: [words]})
    ViewChoice.objects.create(view=view, user=user, entity=Entity.LEAD, pinned=True)


def of_other_systems(given: Given, subjects: Subjects) -> None:
    words, user = given.words, given.user
    token, _ = make_token(name=words[:100], scopes=["leads:read"], by=user, user=user)
    OutboxWish.objects.create(kind=f"lead.{given.tag}")
    hook = Subscription.objects.create(name=words[:100], url=words[:500], kinds=["lead.closed"], paused_why=words[:300])
    sent = Delivery.objects.create(subscription=hook, kind="lead.closed", body=json.dumps({"words": words}))
    Attempt.objects.create(delivery=sent, at=given.now, milliseconds=5, error=words[:300], answer=words)
    KeptAnswer.objects.create(token=token, key=words[:200], asked=b"", status=201)
