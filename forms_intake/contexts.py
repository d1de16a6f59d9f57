"""Where the forms, pages, websites, ads and imports that own marketing contexts can be seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.urls import reverse

from contacts.models import User
from contacts.roles import Ability, can
from forms_intake.models import (
    AdSource,
    Event,
    FedBy,
    ImportRun,
    IntakeForm,
    LandingPage,
    PageForm,
    PageState,
    Website,
)
from leads.marketing.origin import Place


def places(context_ids: Collection[int], user: User) -> Iterator[tuple[int, Place]]:
    """Context and place: live pages for everybody, the rest for who keeps them; at most seven queries."""
    if can(user, Ability.MARKET):
        events = Event.objects.filter(marketing_context__in=context_ids)
        for context_id, pk in events.values_list("marketing_context", "pk"):
            yield context_id, Place("Open the event", reverse("forms_intake:event", args=[pk]))
    keeps_forms = user.is_staff and user.has_perm("forms_intake.view_intakeform")
    keeps_pages = user.has_perm("forms_intake.change_landingpage")
    pages = LandingPage.objects.filter(marketing_context__in=context_ids)
    for context_id, slug, state, pk in pages.values_list("marketing_context", "slug", "state", "pk"):
        if state == PageState.LIVE:
            yield context_id, Place("Open the page", reverse("forms_intake:page", args=[slug]))
        if keeps_pages:
            yield context_id, Place("Edit the page", reverse("forms_intake:page_builder", args=[pk]))
    if can(user, Ability.MARKET):
        ads = AdSource.objects.filter(marketing_context__in=context_ids).select_related("connector")
        for source in ads:
            url = reverse("forms_intake:ads_connector", args=[source.connector_id])
            yield source.marketing_context_id, Place(f"Open {source.connector}", url)
    if keeps_forms:
        shown = PageForm.objects.filter(page__marketing_context__in=context_ids, shown=True).order_by("pk")
        for context_id, form in shown.values_list("page__marketing_context", "form"):
            yield context_id, Place("Open its form", _admin("intakeform", form))
        forms = IntakeForm.objects.filter(marketing_context__in=context_ids, fed_by=FedBy.VISITORS)
        for context_id, pk in forms.values_list("marketing_context", "pk"):
            yield context_id, Place("Open the form", _admin("intakeform", pk))
    if can(user, Ability.MARKET):
        websites = Website.objects.filter(marketing_context__in=context_ids)
        for context_id, pk in websites.values_list("marketing_context", "pk"):
            yield context_id, Place("Open the website", reverse("forms_intake:website", args=[pk]))
    if user.is_staff and user.has_perm("forms_intake.view_importrun"):
        runs = ImportRun.objects.filter(marketing_context__in=context_ids).order_by("marketing_context", "-pk")
        for context_id, pk in runs.distinct("marketing_context").values_list("marketing_context", "pk"):
            yield context_id, Place("Open the latest import", _admin("importrun", pk))


def _admin(model: str, pk: int) -> str:
    return reverse(f"admin:forms_intake_{model}_change", args=[pk])
