"""Pages of accounts."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts import custom_fields
from contacts.access import may_delete, may_edit, may_manage
from contacts.duplicates import likely_duplicate_accounts
from contacts.filters import AccountFilter
from contacts.forms import AccountForm
from contacts.likeness.accounts import pairs_of_account
from contacts.lists.columns import ACCOUNT_COLUMNS, ACCOUNT_STANDARD
from contacts.lists.listing import Listing
from contacts.lists.page import list_page
from contacts.merging.account_views import merged_page, stays_of
from contacts.merging.accounts import account_merges_to_undo
from contacts.models import Account, Contact, Entity
from contacts.pickers import offered_accounts, words_in
from contacts.services import accounts as services
from contacts.story import ACCOUNT_KINDS, sources_of_account
from contacts.views.editing import Editor, person
from contacts.views.stories import field_history_page, story_page
from leadcrm.lib.facts import honest_count
from leadcrm.lib.paging import ID, Column, Sort

SORTS = (
    Sort("name", "Name", (Column("upper_name", str, Upper("name")), ID)),
    Sort("newest", "Newest", (ID,), descending=True),
)
PEOPLE = 20

EDITOR = Editor(
    word="account",
    place="accounts",
    icon="building-2",
    form=AccountForm,
    new_form=AccountForm,
    create=services.create_account,
    update=services.update_account,
    delete=services.delete_accounts,
    restore=services.restore_account,
    duplicates=likely_duplicate_accounts,
    readable=lambda user: Account.objects.alive(),
    begins_with=lambda request: {},
    may_edit=may_edit,
    may_delete=may_delete,
    may_manage=may_manage,
)


LISTING = Listing(
    entity=Entity.ACCOUNT,
    everything="All accounts",
    editor=EDITOR,
    filters=AccountFilter,
    rows=lambda user: Account.objects.alive().select_related("owner"),
    sorts=lambda query: SORTS,
    columns=ACCOUNT_COLUMNS,
    standard=ACCOUNT_STANDARD,
)


@login_required
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """All accounts, filtered by the URL, sorted by name."""
    return list_page(request, LISTING, "contacts/account_list.html")


@login_required
@require_safe
def detail(request: HttpRequest, account_id: int) -> HttpResponse:
    """An account: facts, its people, its leads, and what its people did since they are there."""
    user = person(request)
    account = Account.objects.alive().select_related("owner").filter(pk=account_id).first()
    if account is None:
        return merged_page(request, account_id)
    people = Contact.objects.visible_to(user).filter(account=account)
    merges = account_merges_to_undo(account) if may_manage(user) else []
    for merge in merges:
        merge.stays = stays_of(merge, account)
    around = {
        "account": account,
        "customs": custom_fields.in_words(account, Entity.ACCOUNT),
        "people": people.order_by("-pk")[:PEOPLE],
        "people_count": honest_count(people, 999),
        "may_edit": may_edit(user, account),
        "may_delete": may_delete(user, account),
        "may_merge": may_manage(user),
        "merges": merges,
        "pairs": pairs_of_account(account) if may_manage(user) else [],
    }
    told = partial(sources_of_account, account.pk, user=user)
    return story_page(request, "contacts/account_detail.html", around, ACCOUNT_KINDS, told)


@login_required
@require_safe
def history(request: HttpRequest, account_id: int) -> HttpResponse:
    """Which fields of an account changed, from what to what, and who did it."""
    account = get_object_or_404(Account.objects.alive(), pk=account_id)
    return field_history_page(request, account, entity=Entity.ACCOUNT, place="accounts")


@login_required
@require_safe
def options(request: HttpRequest) -> HttpResponse:
    """Suggestions for an account being typed: options of a datalist."""
    return render(request, "records/options.html", {"records": offered_accounts(words_in(request, "account"))})
