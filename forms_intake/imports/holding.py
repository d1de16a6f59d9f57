"""What the new rows of a chunk point to, held by one statement a table.

PostgreSQL checks foreign keys row by row when a chunk commits, eight lookups for a new contact and its lead: two fifths
of all that a row costs it. A chunk knows what it points to: what is new is its own, and what was there is locked here
as each of those lookups would lock it (FOR KEY SHARE), so that nobody can delete it until the chunk has committed. New
rows then go in without them, in the role "replica"; checks, unique constraints and our triggers work there as always
(decision 55). Where we may not take that role, PostgreSQL looks up each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model

from contacts.models import Account, Campaign, MarketingContext, Product, User
from forms_intake.imports.copying import execute, fetch
from forms_intake.imports.errors import Gone
from forms_intake.imports.job import Again, Job
from leadcrm.lib.arrays import numbers
from leads.models import Process, StatusReason
from leads.models.code_lists import NEW, QUALIFIED

# A trigger on new rows that would not hear of them in that role forbids it.
MAY_HOLD = """
SELECT has_parameter_privilege('session_replication_role', 'SET') AND NOT EXISTS (
    SELECT FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O' AND tgtype & 4 = 4
        AND tgrelid = ANY(%s::regclass[]))
"""
WRITTEN = (
    "contacts_account", "contacts_consent", "contacts_contact", "contacts_interaction", "contacts_matchkey",
    "leads_lead", "leads_leadevent", "leads_leadmatchkey", "leads_stagechange",
)  # fmt: skip
LOCK = "SELECT id FROM {table} WHERE id = ANY(%s::bigint[]) ORDER BY id FOR KEY SHARE"
BEGIN = "SET LOCAL session_replication_role = 'replica'; SET LOCAL leadcrm.news = 'on'"
END = "SET LOCAL session_replication_role = 'origin'"


def may_hold() -> bool:
    """Whether this database lets us check by the chunk what its rows point to."""
    return bool(fetch(MAY_HOLD, [list(WRITTEN)])[0][0])


def hold_named(job: Job) -> None:
    """Hold what every row of an import points to. Raises Gone for what was deleted since it began."""
    named: list[tuple[type[Model], set[int | None]]] = [
        (User, {job.owner_id, job.by_id}),
        (MarketingContext, {job.context_id}),
        (Campaign, {job.campaign_id}),
        (Product, {job.product_id}),
        (Process, {job.process_id}),
        (StatusReason, {NEW, QUALIFIED}),
    ]
    for model, ids in named:
        wanted = {pk for pk in ids if pk is not None}
        if _held(model, wanted) < len(wanted):
            raise Gone(str(model._meta.verbose_name))


def hold_accounts(ids: Collection[int], job: Job) -> None:
    """Hold accounts that people of the chunk belong to. Raises Again when one was deleted since it was looked up."""
    if job.holds and _held(Account, ids) < len(ids):
        raise Again


def _held(model: type[Model], ids: Collection[int]) -> int:
    return len(fetch(LOCK.format(table=model._meta.db_table), [numbers(ids)])) if ids else 0


@contextmanager
def new_rows(job: Job) -> Iterator[None]:
    """Within it only rows are written that are new, and point to what the transaction has made or holds."""
    if not job.holds:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(BEGIN)
    yield  # after an error the transaction is given up, and the role with it
    execute(END)
