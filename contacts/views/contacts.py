"""Pages of contacts."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts import custom_fields
from contacts.access import may_delete, may_edit, may_manage, may_write
from contacts.duplicates import likely_duplicates
from contacts.filters import ContactFilter
from contacts.forms import ContactForm, InteractionForm
from contacts.hanging import in_work_on
from contacts.likeness.queue import pairs_of
from contacts.lists.columns import CONTACT_COLUMNS, CONTACT_STANDARD
from contacts.lists.listing import Listing
from contacts.lists.page import list_page
from contacts.merging.became import also_known_by, became_of, merges_to_undo
from contacts.merging.compare import stays_of
from contacts.models import Account, Contact, Entity
from contacts.pickers import offered_contacts, words_in
from contacts.services import contacts as services
from contacts.services.interactions import log_by_hand
from contacts.story import kinds_for, sources_of
from contacts.views.editing import Editor, person
from contacts.views.stories import field_history_page, story_page
from leadcrm.lib.links import id_in, safe_next
from leadcrm.lib.paging import ID, Column, Sort

SORTS = (
    Sort(
        "name",
        "Name",
        (Column("last_upper", str, Upper("last_name")), Column("first_upper", str, Upper("first_name")), ID),
    ),
    Sort("newest", "Newest", (ID,), descending=True),
)


def begins_with(request: HttpRequest) -> dict[str, Any]:
    """A new contact may be begun at an account."""
    return {"account": Account.objects.alive().filter(pk=id_in(request, "account")).first()}


EDITOR = Editor(
    word="contact",
    place="contacts",
    icon="users",
    form=ContactForm,
    new_form=ContactForm,
    create=services.create_contact,
    update=services.update_contact,
    delete=services.delete_contacts,
    restore=services.restore_contact,
    duplicates=likely_duplicates,
    readable=lambda user: Contact.objects.visible_to(user),
    begins_with=begins_with,
    may_edit=may_edit,
    may_delete=may_delete,
    may_manage=may_manage,
    hanging=in_work_on,
)


LISTING = Listing(
    entity=Entity.CONTACT,
    everything="All contacts",
    editor=EDITOR,
    filters=ContactFilter,
    rows=lambda user: Contact.objects.visible_to(user).select_related("account", "owner"),
    sorts=lambda query: SORTS,
    columns=CONTACT_COLUMNS,
    standard=CONTACT_STANDARD,
)


@login_required
@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    """All contacts this person may see, filtered by the URL, sorted by name."""
    return list_page(request, LISTING, "contacts/contact_list.html")


@login_required
@require_safe
def detail(request: HttpRequest, contact_id: int) -> HttpResponse:
    """A contact: facts, consent, leads, story."""
    user = person(request)
    people = Contact.objects.visible_to(user).select_related("account", "owner", "guardianship")
    contact = people.filter(pk=contact_id).first()
    return merged_page(request, contact_id) if contact is None else contact_page(request, contact)


def merged_page(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Somebody who was merged leads to whom they became; 404 for anybody else."""
    stands = get_object_or_404(Contact.objects.visible_to(person(request)), pk=became_of(Entity.CONTACT, contact_id))
    messages.info(request, f"The contact you asked for was merged: this is {stands} now.")
    return redirect("contacts:detail", stands.pk)


def contact_page(request: HttpRequest, contact: Contact, *, readonly: bool = False) -> HttpResponse:
    """The page itself, for htmx only the story. `readonly`: for who may read this contact through a lead only."""
    user = person(request)
    merges = merges_to_undo(contact) if not readonly and may_manage(user) else []
    for merge in merges:
        merge.stays = stays_of(merge, contact)
    around = {
        "contact": contact,
        "customs": custom_fields.in_words(contact, Entity.CONTACT),
        "consents": contact.consents.select_related("recorded_by", "purpose").order_by("-recorded_at")[:5],
        "readonly": readonly,
        "may_merge": not readonly and may_manage(user),
        "merges": merges,
        "pairs": pairs_of(contact, user) if not readonly and may_manage(user) else [],
        "inherited": also_known_by(contact),
        "may_edit": not readonly and may_edit(user, contact),
        "may_delete": not readonly and may_delete(user, contact),
    }
    told = partial(sources_of, contact, user=user)
    return story_page(request, "contacts/contact_detail.html", around, kinds_for(user), told)


@login_required
@require_safe
def history(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Which fields of a contact changed, from what to what, and who did it."""
    contact = get_object_or_404(Contact.objects.visible_to(person(request)), pk=contact_id)
    return field_history_page(request, contact, entity=Entity.CONTACT, place="contacts")


@login_required
@require_safe
def options(request: HttpRequest) -> HttpResponse:
    """Suggestions for a contact being typed: options of a datalist."""
    found = offered_contacts(words_in(request, "contact"), person(request))
    return render(request, "records/options.html", {"records": found})


@login_required
@require_http_methods(["GET", "POST"])
def log(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Write down a call, a meeting, a message or a note; then back to `next`.

    Marketing-only contacts are logged by marketing, and by others through a lead they may see.
    """
    user = person(request)
    contact = get_object_or_404(Contact.objects.alive(), pk=contact_id)
    if not may_write(user) or (contact.marketing_only and not user.sees_marketing_only):
        raise PermissionDenied
    return log_page(request, contact)


def log_page(request: HttpRequest, contact: Contact) -> HttpResponse:
    """The form in which a person who may writes down what they did with a contact."""
    user = person(request)
    following = safe_next(request, reverse("contacts:detail", args=[contact.pk]))
    form = InteractionForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"contact": contact, "form": form, "next": following}
        return render(request, "contacts/log.html", context, status=422 if form.is_bound else 200)
    wanted = form.cleaned_data
    log_by_hand(contact_id=contact.pk, by=user, **wanted)
    messages.success(request, "Written down.")
    return redirect(following)
