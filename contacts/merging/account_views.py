"""Pages on which two accounts are made one, and two again; and the queue of those that may be one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import may_manage
from contacts.duplicates import likely_duplicate_accounts
from contacts.errors import ChangedMeanwhile
from contacts.likeness import accounts as likeness
from contacts.merging.accounts import (
    NAMES,
    merge_accounts,
    moved_with_accounts,
    undo_account_merge,
    usually_taken,
    values_of,
)
from contacts.merging.became import became_of
from contacts.merging.compare import Hangs, Row, labels_of, stay_words
from contacts.merging.errors import CannotMerge, CannotUndoMerge
from contacts.merging.fields import CUSTOM, is_blank
from contacts.merging.views import UNDONE_THERE
from contacts.models import Account, AccountPair, DuplicateSearch, Entity, Merge, Record, User
from contacts.pickers import AccountField
from contacts.views.editing import person
from leadcrm.lib.links import safe_next
from leadcrm.lib.paging import page_of, url_with

PAGE = 20
THEIRS = "theirs"
NOT_THE_SAME = "not-the-same"
LABELS = {
    "name": "Name",
    "domain": "Domain",
    "industry": "Industry",
    "employees": "Employees",
    "phone": "Phone",
    "country": "Country",
    "city": "City",
    "owner_id": "Owner",
    "external_id": "External id",
}


class ChooseOther(forms.Form):
    """With which account one is merged."""

    account = AccountField(label="Another account", help_text="A part of its name.")


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, account_id: int) -> HttpResponse:
    """GET: with which (no `with`), or both side by side, the account of the address being the one that stays. POST
    makes them one; if somebody changed either meanwhile, that is said, and what was chosen stays chosen.
    """
    user = _manager(request)
    companies = Account.objects.alive().select_related("owner")
    survivor = companies.filter(pk=account_id).first()
    other_id = _number(request.POST.get("with") or request.GET.get("with") or "")
    other = companies.filter(pk=other_id).first() if other_id else None
    if survivor is None or (other_id and other is None):
        return merged_page(request, account_id if survivor is None else other_id)
    if other is None or other == survivor:
        return _with_which(request, survivor)
    if request.method != "POST":
        return _side_by_side(request, survivor, other, usually_taken(survivor, other))
    known = values_of(survivor) | values_of(other)
    take = {name for name in known if request.POST.get(f"take.{name}") == THEIRS}
    versions = (_number(request.POST.get("version", "")), _number(request.POST.get("version_with", "")))
    try:
        done = merge_accounts(survivor.pk, other.pk, take=take, by=user, versions=versions)
    except ChangedMeanwhile:
        return _side_by_side(request, survivor, other, take, changed=True)
    except CannotMerge as error:
        messages.error(request, error.message)
        return redirect("accounts:detail", error.into_id or survivor.pk)
    page = reverse("accounts:detail", args=[survivor.pk])
    survivor.refresh_from_db()
    words = '<a class="link" href="{}"><bdi>{}</bdi></a> and <bdi>{}</bdi> are one account now. {}'
    messages.success(request, format_html(words, page, survivor, done.gone_name, UNDONE_THERE))
    return redirect(safe_next(request, page))


@login_required
@require_POST
def undo(request: HttpRequest, account_merge_id: int) -> HttpResponse:
    """Make two accounts of one again; what prevents it is said."""
    user = _manager(request)
    done = get_object_or_404(Merge, pk=account_merge_id, entity=Entity.ACCOUNT)
    survivor = Account.objects.filter(pk=done.survivor_id).first()
    changed = stays_of(done, survivor) if survivor else ""
    try:
        undo_account_merge(done.pk, by=user)
    except CannotUndoMerge as error:
        messages.error(request, error.message)
        return redirect("accounts:detail", done.survivor_id)
    kept = f" {survivor} kept what was changed since: {changed}." if changed else ""
    messages.success(request, f"{done.gone_name} is an account of its own again.{kept}")
    return redirect("accounts:detail", done.gone_id)


def merged_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """An account that was merged leads to what it became; 404 for any other that is not there."""
    stands = get_object_or_404(Account.objects.alive(), pk=became_of(Entity.ACCOUNT, account_id))
    messages.info(request, f"The account you asked for was merged: this is {stands} now.")
    return redirect("accounts:detail", stands.pk)


@login_required
@require_safe
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs, the most alike first; with ?show=not-the-same those that somebody dismissed, the last first."""
    _manager(request)
    dismissed = request.GET.get("show") == NOT_THE_SAME
    sort = likeness.LAST_DISMISSED if dismissed else likeness.MOST_ALIKE
    page = page_of(likeness.account_pairs(dismissed=dismissed), sort, request.GET.get("at", ""), size=PAGE)
    context = {
        "rows": [(pair, likeness.account_reasons(pair)) for pair in page.rows],
        "said": f"{page.said} pair{'' if page.said == '1' else 's'}" if page.rows else "",
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
        "dismissed": dismissed,
        "strong": likeness.STRONG,
        "weights": [(reason.label, weight) for reason, weight in likeness.WEIGHTS.items()],
        "enough": likeness.ENOUGH,
        "most": likeness.MOST_OF_ONE,
        "search": DuplicateSearch.objects.filter(pk=likeness.SEARCH).first(),
        "here": request.get_full_path(),
    }
    return render(request, "contacts/account_duplicates.html", context)


@login_required
@require_POST
def dismiss(request: HttpRequest, account_pair_id: int) -> HttpResponse:
    """Not the same: remembered, with who said so."""
    user = _manager(request)
    pair = likeness.dismiss_accounts(_seen(account_pair_id).pk, by=user)
    if pair.dismissed_by == user:
        messages.success(request, f"{pair.first} and {pair.second} are not the same. Nobody is asked again.")
    else:
        messages.info(request, f"{pair.dismissed_by or 'Somebody'} has said so already.")
    return redirect(safe_next(request, reverse("accounts:duplicates")))


@login_required
@require_POST
def ask_again(request: HttpRequest, account_pair_id: int) -> HttpResponse:
    """They may be the same after all."""
    _manager(request)
    pair = likeness.ask_again_about_accounts(_seen(account_pair_id).pk)
    messages.success(request, f"{pair.first} and {pair.second} are in the queue again.")
    return redirect(safe_next(request, reverse("accounts:duplicates")))


def stays_of(merge: Merge, account: Account) -> str:
    """Which fields stay as they are with the survivor when a merge of accounts is undone, in words."""
    return stay_words(merge, values_of(account), LABELS)


def _manager(request: HttpRequest) -> User:
    user = person(request)
    if not may_manage(user):
        raise PermissionDenied("Accounts are merged by who may edit everybody's.")
    return user


def _seen(pair_id: int) -> AccountPair:
    living = AccountPair.objects.filter(first__deleted_at=None, second__deleted_at=None)
    pair: AccountPair = get_object_or_404(living, pk=pair_id)
    return pair


def _with_which(request: HttpRequest, account: Account) -> HttpResponse:
    """Which it may be, by likeness, and a field to name any."""
    choose = ChooseOther(request.GET if "account" in request.GET else None)
    if choose.is_valid() and (found := choose.cleaned_data["account"]) and found != account:
        return redirect(f"{reverse('accounts:merge', args=[account.pk])}?with={found.pk}")
    found_alike = likeness.pairs_of_account(account)
    pairs: list[tuple[Record, list[str]]] = [(one, likeness.account_reasons(pair)) for one, pair in found_alike]
    known = {one.pk for one, _ in pairs}
    values = {name: getattr(account, name) for name in NAMES}
    others = likely_duplicate_accounts(values, person(request), exclude_id=account.pk)
    pairs += [(one.record, [one.reason]) for one in others if one.record.pk not in known]
    context = {"account": account, "suggestions": pairs, "choose": choose}
    return render(request, "contacts/account_merge_with.html", context)


def _side_by_side(
    request: HttpRequest, survivor: Account, other: Account, take: set[str], *, changed: bool = False
) -> HttpResponse:
    rows = _rows(survivor, other, take)
    context = {
        "account": survivor,
        "other": other,
        "rows": [row for row in rows if not row.same],
        "same": [row for row in rows if row.same],
        "hangs": _hangs(survivor, other),
        "changed": changed,
        "next": safe_next(request, ""),
    }
    return render(request, "contacts/account_merge.html", context, status=409 if changed else 200)


def _rows(survivor: Account, other: Account, take: set[str]) -> list[Row]:
    """The fields that either has filled, as people read them."""
    labels = labels_of(Entity.ACCOUNT, LABELS)
    ours, theirs = values_of(survivor), values_of(other)
    names = [*labels, *(name for name in ours | theirs if name not in labels)]
    return [
        Row(
            name,
            labels.get(name, name.removeprefix(CUSTOM)),
            _words(survivor, name, ours.get(name)),
            _words(other, name, theirs.get(name)),
            ours.get(name) == theirs.get(name),
            name in take,
        )
        for name in names
        if not (is_blank(ours.get(name)) and is_blank(theirs.get(name)))
    ]


def _words(account: Account, name: str, value: Any) -> str:
    if is_blank(value):
        return ""
    if name == "owner_id":
        return str(account.owner)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _hangs(survivor: Account, other: Account) -> list[Hangs]:
    """How much of what goes along hangs on either, by kind: a query a kind."""
    found: dict[str, dict[int, int]] = {}
    for field in moved_with_accounts():
        label = str(field.model._meta.verbose_name_plural).capitalize()
        for pk in (survivor.pk, other.pk):
            number = field.model._base_manager.filter(**{field.name: pk}).count()
            if number:
                counts = found.setdefault(label, {})
                counts[pk] = counts.get(pk, 0) + number
    return [Hangs(label, by.get(survivor.pk, 0), by.get(other.pk, 0)) for label, by in sorted(found.items())]


def _number(words: str) -> int:
    return int(words) if words.isdecimal() and words.isascii() and len(words) < 19 else 0
