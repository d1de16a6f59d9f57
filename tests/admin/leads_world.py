"""One row of everything that leads keep, for tests/admin/world.py."""

from __future__ import annotations

import uuid

from leads.models import (
    AssignmentDue,
    AssignmentLog,
    AssignmentRule,
    AssignmentRun,
    AssignmentTurn,
    Attachment,
    Call,
    CallClaim,
    CallLater,
    Cause,
    Competitor,
    FirstResponse,
    LeadComment,
    LeadEvent,
    LeadMatchKey,
    LostReason,
    Mail,
    Notice,
    NoticeChoice,
    NoticeKind,
    OpportunityClose,
    OpportunityEvent,
    Process,
    ProcessSweep,
    Qualification,
    ReportResult,
    StageChange,
    Task,
)
from leads.stages import Stage
from tests.admin.given import Given, Subjects
from tests.build import an_opportunity


def of_leads(given: Given, subjects: Subjects) -> None:
    words, lead, user, now = given.words, subjects.lead, given.user, given.now
    LeadMatchKey.objects.create(kind="contact", value=given.name, lead=lead)
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
    LeadEvent.objects.create(lead=lead, kind=LeadEvent.Kind.CREATED, detail=words[:300], actor=user, happened_at=now)
    LeadComment.objects.create(lead=lead, author=user, body=words)
    Attachment.objects.create(
        lead=lead, name=given.name, kind="pdf", size=1, digest="0" * 64, key=uuid.uuid4().hex, added_by=user
    )
    ReportResult.objects.create(asked=given.name, asked_at=now, figures={words: 1})
    ProcessSweep.objects.create(process=Process.objects.get(is_default=True), stages=[words])


def of_calls(given: Given, subjects: Subjects) -> None:
    lead, user, now = subjects.lead, given.user, given.now
    CallClaim.objects.create(lead=lead, person=user, until=now)
    CallLater.objects.create(lead=lead, person=user, why="skipped", due_at=now, reason=given.words[:300])
    key, done = given.name[:80], subjects.interaction.pk
    Call.objects.create(lead=lead, person=user, outcome="reached", interaction_id=done, key=key)


def of_work(given: Given, subjects: Subjects) -> None:
    words, lead, user = given.words, subjects.lead, given.user
    Task.objects.create(title=words[:200], note=words, lead=lead, contact=subjects.contact, owner=user, created_by=user)
    Notice.objects.create(to=user, kind=NoticeKind.ASSIGNED, words=words[:300], lead_ids=[lead.pk], by=user)
    NoticeChoice.objects.create(user=user, kind=NoticeKind.ASSIGNED, mail=Mail.ONCE)


def of_opportunities(given: Given, subjects: Subjects) -> None:
    words, user, now = given.words, given.user, given.now
    account, contact, lead = subjects.account, subjects.contact, subjects.lead
    reason, rival = LostReason.objects.create(name=given.name), Competitor.objects.create(name=given.name)
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


def of_assignment(given: Given, subjects: Subjects) -> None:
    lead, name, now = subjects.lead, given.name, given.now
    rule = AssignmentRule.objects.create(name=name, condition=given.about_topic)
    AssignmentTurn.objects.create(rule=rule, user=given.user, turn=1)
    AssignmentDue.objects.create(lead=lead, occasion="sales_ready")
    AssignmentLog.objects.create(lead=lead, outcome="waits", occasion="again", rule_name=name[:100], decided_at=now)
    FirstResponse.objects.create(lead=lead, rule=rule, began_at=now)
    AssignmentRun.objects.create()
