"""One row of everything the admin shows, each text column holding `words`."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone

from contacts.models import (
    Absence,
    Change,
    Consent,
    Entity,
    FieldChange,
    InteractionKey,
    LaterChange,
    ListExport,
    MatchKey,
    OutboxEvent,
    SavedView,
    Team,
    TeamMember,
    Territory,
    ViewChoice,
    WorkSettings,
)
from forms_intake.models import ImportRun, Submission, SubmissionKey
from leads.models import (
    AssignmentDue,
    AssignmentLog,
    AssignmentRule,
    AssignmentRun,
    AssignmentTurn,
    Attachment,
    BulkChunk,
    BulkJob,
    BulkRefusal,
    BulkWhat,
    Call,
    CallClaim,
    CallLater,
    Cause,
    Competitor,
    FirstResponse,
    LeadComment,
    LeadEvent,
    LeadMatchKey,
    Leaver,
    LostReason,
    Mail,
    Notice,
    NoticeChoice,
    NoticeKind,
    OpportunityClose,
    OpportunityEvent,
    Qualification,
    ReportResult,
    StageChange,
    Task,
)
from leads.stages import Stage
from scoring.definition import freeze
from scoring.models import LeadScore, ModelVersion, RescoreRun, ScoreChange, Switches
from segments.models import Kind, Segment
from segments.services.picks import add
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
    an_opportunity,
)


def one_of_everything(words: str = "Nordwind", tag: str = "one") -> None:
    """`tag` keeps unique columns apart; `words` stand wherever a column takes free text of that length."""
    now = timezone.now()
    short, name = words[:50], f"{words[:80]} {tag}"
    user = a_user(username=tag, first_name=words[:150], last_name=words[:150])
    TeamMember.objects.create(team=Team.objects.create(name=name), user=user)
    Territory.objects.create(name=name)
    WorkSettings.objects.create(user=user)
    Absence.objects.create(user=user, first_day=now, last_day=now, note=words[:200])
    account = an_account(words[:200], city=words[:100], industry=words[:100], owner=user)
    contact = a_contact(
        words[:100], words[:100], job_title=words[:150], city=words[:100], phone=short, account=account, owner=user
    )
    campaign, product = a_campaign(name), a_product(name)
    context = a_context(name, campaign=campaign, product=product)
    lead = a_lead(
        contact, words[:200], description=words, campaign=campaign, product=product, marketing_context=context
    )
    done = an_interaction(contact, subject=words[:300], source=words[:30], payload={words: words})
    Consent.objects.create(contact=contact, level=1, wording=words, source=words[:200])
    MatchKey.objects.create(kind="email", value=name, contact=contact)
    InteractionKey.objects.create(key=name, interaction_id=done.pk)
    Change.objects.create(consumer=words[:30], subject="lead", subject_id=lead.pk)
    FieldChange.objects.create(
        subject="lead",
        subject_id=lead.pk,
        field="topic",
        before=words,
        after=None,
        changed_at=now,
        actor=user,
        cause=words[:100],
    )
    LaterChange.objects.create(contact_id=contact.pk, due_at=now + timedelta(days=1))
    OutboxEvent.objects.create(kind=short, payload={"words": words})
    a_custom_field(f"key_{tag}", label=name, help_text=words[:200], choices=[words[:200]])
    LeadMatchKey.objects.create(kind="contact", value=name, lead=lead)
    StageChange.objects.create(
        lead=lead,
        from_stage=Stage.INQUIRY,
        to_stage=Stage.MARKETING_QUALIFICATION,
        cause=Cause.PERSON,
        reason=words[:300],
        actor=user,
        entered_at=now,
        moved_at=now,
    )
    CallClaim.objects.create(lead=lead, person=user, until=now)
    CallLater.objects.create(lead=lead, person=user, why="skipped", due_at=now, reason=words[:300])
    Call.objects.create(lead=lead, person=user, outcome="reached", interaction_id=done.pk, key=name[:80])
    LeadEvent.objects.create(lead=lead, kind=LeadEvent.Kind.CREATED, detail=words[:300], actor=user, happened_at=now)
    ReportResult.objects.create(asked=f"{words[:80]} {tag}", asked_at=now, figures={words: 1})
    Task.objects.create(title=words[:200], note=words, lead=lead, contact=contact, owner=user, created_by=user)
    Notice.objects.create(to=user, kind=NoticeKind.ASSIGNED, words=words[:300], lead_ids=[lead.pk], by=user)
    NoticeChoice.objects.create(user=user, kind=NoticeKind.ASSIGNED, mail=Mail.ONCE)
    reason, rival = LostReason.objects.create(name=name), Competitor.objects.create(name=name)
    chance = an_opportunity(words[:200], account=account, contact=contact, lead=lead, owner=user, description=words)
    OpportunityEvent.objects.create(
        opportunity=chance, kind="moved", to_stage="develop", detail=words[:300], actor=user, happened_at=now
    )
    OpportunityClose.objects.create(
        opportunity=chance,
        status="lost",
        from_stage="develop",
        closed_on=now.date(),
        lost_reason=reason,
        competitor=rival,
        note=words,
        actor=user,
        recorded_at=now,
    )
    Qualification.objects.create(lead=lead, actor=user, qualified_at=now, contact=contact, opportunity=chance)
    rule = AssignmentRule.objects.create(name=name, condition=about_topic(words[:200]))
    AssignmentTurn.objects.create(rule=rule, user=user, turn=1)
    AssignmentDue.objects.create(lead=lead, occasion="sales_ready")
    AssignmentLog.objects.create(lead=lead, outcome="waits", occasion="again", rule_name=name[:100], decided_at=now)
    FirstResponse.objects.create(lead=lead, rule=rule, began_at=now)
    AssignmentRun.objects.create()
    Leaver.objects.create(user=user, looked_at=now)
    LeadComment.objects.create(lead=lead, author=user, body=words)
    Attachment.objects.create(
        lead=lead, name=name, kind="pdf", size=1, digest="0" * 64, key=uuid.uuid4().hex, added_by=user
    )
    model = a_model(name, description=words, owner=user, grades={words[:30]: 0})
    a_rule(
        model, 5, words[:100], interaction_type="call", subject_contains=words[:200], condition=about_topic(words[:200])
    )
    version = ModelVersion.objects.create(model=model, number=1, definition=freeze(model), created_by=user)
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
    segment = a_segment(name, description=words, kind=Kind.STATIC)
    add(segment, [contact.pk], by=user, source=words[:200])
    Segment.objects.filter(pk=segment.pk).update(condition=about_topic(words[:200]), error=words[:500])
    form = a_form(name, topic=words[:200], thank_you=words, lead_owner=user)
    form.fields.update(label=words[:300], placeholder=words[:200], default=words[:200], choices=[words[:200]])
    page = a_page(form, slug=tag, body=words, button=short)
    Submission.objects.create(
        public_id=uuid.uuid4(),
        form=form,
        page=page,
        payload={words: words},
        dropped=[words[:100]],
        origin={"agent": words},
        error=words,
        decision={"contact": {"reason": words}},
        contact=contact,
        lead=lead,
        state="failed",
    )
    SubmissionKey.objects.create(key=uuid.uuid4().bytes, public_id=uuid.uuid4(), expires_at=now + timedelta(minutes=5))
    ListExport.objects.create(user=user, entity=Entity.LEAD, query=words, columns=[words[:80]])
    job = BulkJob.objects.create(what=BulkWhat.TAKE, words=words[:300], by=user)
    BulkChunk.objects.create(job=job, ids=[lead.pk])
    BulkRefusal.objects.create(job=job, lead_id=lead.pk, lead_words=words[:300], reason=words[:300])
    view = SavedView.objects.create(entity=Entity.LEAD, name=words[:80], owner=user, query={words: [words]})
    ViewChoice.objects.create(view=view, user=user, entity=Entity.LEAD, pinned=True)
    ImportRun.objects.create(name=words[:200], marketing_context=a_context(f"Import {tag}"), mapping={"column": words})


def about_topic(text: str) -> dict:
    return {"field": "topic", "op": "contains", "value": text}
