"""Who may do what with the stage of a lead on its page. Who may edit and delete it: editing.py."""

from __future__ import annotations

from typing import Any

from contacts.models import User
from contacts.roles import Ability, Role, can
from leads.editing import may_edit
from leads.models import Lead


def works_in_sales(user: User) -> bool:
    """Whether accepting and returning is this person's work."""
    return can(user, Ability.SELL)


def may_see(user: User, lead: Lead) -> bool:
    """Read a lead that is not deleted: what LeadQuerySet.visible_to says, of one that is at hand."""
    return can(user, Ability.SEE_EVERY_LEAD) or lead.sales_ready or lead.owner_id == user.pk


def may_accept(user: User, lead: Lead) -> bool:
    """Take a sales-ready lead or return it to marketing: a salesperson their own and nobody's, a manager every one."""
    return works_in_sales(user) and (user.role != Role.SALESPERSON or lead.owner_id in {None, user.pk})


def may_return(user: User, lead: Lead) -> bool:
    """Give a lead back to marketing: what is sales ready whoever may accept it, else whoever may qualify it."""
    return may_accept(user, lead) if lead.sales_ready else may_qualify(user, lead)


def may_qualify(user: User, lead: Lead) -> bool:
    """Say by hand that a lead is sales ready, or that it is not: a teleprospector of their own and nobody's leads.

    Once sales has accepted it, it is for whoever has it, and for managers.
    """
    if lead.accepted_at is not None:
        return _has_accepted(user, lead)
    return can(user, Ability.QUALIFY) and (may_dispatch(user) or lead.owner_id in {None, user.pk})


def _has_accepted(user: User, lead: Lead) -> bool:
    """Whether an accepted lead is this person's, or nobody's and sales is their work; managers have every one."""
    owns = lead.owner_id == user.pk
    return (can(user, Ability.WRITE) and owns) or may_accept(user, lead)


def may_dispatch(user: User) -> bool:
    """Give leads to somebody else, many at once."""
    return can(user, Ability.DISPATCH)


def may_assign(user: User, lead: Lead) -> bool:
    """Give a lead to somebody else."""
    return may_dispatch(user)


def may_take(user: User, lead: Lead) -> bool:
    """Take a lead that nobody has; one that waits for sales is for sales to take."""
    return can(user, Ability.WRITE) and (works_in_sales(user) or not lead.sales_ready)


def may_move(user: User, lead: Lead) -> bool:
    """Move, close and reopen it: who may qualify it, and until sales has accepted it who may edit it."""
    return may_qualify(user, lead) or (lead.accepted_at is None and may_edit(user, lead))


def may_call(user: User) -> bool:
    """Call leads from the queue, and write down who called in."""
    return can(user, Ability.CALL)


def may_call_lead(user: User, lead: Lead) -> bool:
    """Call this lead: own ones and nobody's, but what sales has accepted is for whoever has it."""
    return may_call(user) and (lead.owner_id == user.pk or (lead.owner_id is None and lead.accepted_at is None))


def may_configure(user: User) -> bool:
    """Make and edit processes."""
    return can(user, Ability.ADMINISTER)


def may_ask(user: User) -> bool:
    """Use conditions of one's own: who asks of everybody may learn of anybody, so only those who see all contacts."""
    return can(user, Ability.ASK)


def may_keep_rules(user: Any) -> bool:
    """Keep teams, territories and the rules that give leads to people."""
    return can(user, Ability.MANAGE_TEAM)


def may_keep_lists(user: User) -> bool:
    """Keep the lists that leads choose from."""
    return can(user, Ability.MARKET)


def may_link_orphans(user: User) -> bool:
    """See all leads without a contact, and link many at once: contacts are made on the way, for marketing only."""
    return can(user, Ability.MARKET)
