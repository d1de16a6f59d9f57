"""Pages on which marketers keep websites: the script, whether hits arrive, visits, top pages, rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.letters import address_of
from contacts.roles import Ability, can
from contacts.views.editing import person
from forms_intake.models import PageRule, Website
from forms_intake.tracking.addresses import page_of
from forms_intake.tracking.figures import Pages, met_lately, stands, top_pages, visits_by_day
from forms_intake.tracking.forms import RuleForm, WebsiteForm
from forms_intake.tracking.rules import RuleSpec, first_met
from forms_intake.tracking.services import move_rule, next_position, remove_rule
from forms_intake.tracking.sites import forget_sites, sites_of
from forms_intake.tracking.visit_page import latest_of
from leadcrm.lib.facts import Fact

MOST_SITES = 200
MOST_CHARACTERS = 500
TAKEN = "Another website is called so."
SCRIPT = "js/visits-1.js"


def keeps_websites(view: Any) -> Any:
    """For those who keep forms and campaigns."""

    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(person(request), Ability.MARKET):
            raise PermissionDenied("Websites are kept by marketing.")
        answer: HttpResponse = view(request, *args, **kwargs)
        return answer

    return guarded


@dataclass(frozen=True)
class Tried:
    """Which rule an address would meet; `problem`: why it would not be a page view at all."""

    address: str
    rule: RuleSpec | None = None
    problem: str = ""


@keeps_websites
@require_safe
def websites(request: HttpRequest) -> HttpResponse:
    """All websites with their visits, and whether hits arrive."""
    found = list(Website.objects.order_by("-active", "name")[:MOST_SITES])
    how = stands([one.pk for one in found])
    return render(request, "forms_intake/tracking/websites.html", {"rows": [(one, how[one.pk]) for one in found]})


@keeps_websites
@require_safe
def website(request: HttpRequest, website_id: int) -> HttpResponse:
    """One website: its script, its visits, its pages, its rules, and which of them an address would meet."""
    found = get_object_or_404(Website.objects.select_related("marketing_context__campaign"), pk=website_id)
    stand = stands([found.pk])[found.pk]
    rules = list(found.rules.select_related("marketing_context").order_by("position", "pk"))
    met = met_lately([rule.pk for rule in rules])
    pages = top_pages(found.pk)
    asked = request.GET.get("try", "").replace("\x00", "").strip()[:MOST_CHARACTERS]
    context = {
        "website": found,
        "script": script_of(found),
        "stand": stand,
        "facts": _facts(found, stand, pages),
        "course": visits_by_day(found.pk),
        "pages": pages,
        "latest": latest_of(found.pk),
        "rules": [(rule, *met.get(rule.pk, (0, None))) for rule in rules],
        "asked": asked,
        "tried": _tried(found, asked) if asked else None,
        "kept_days": settings.HITS_KEPT_DAYS,
        "back_days": settings.HITS_ATTRIBUTED_DAYS,
    }
    return render(request, "forms_intake/tracking/website.html", context)


@keeps_websites
@require_http_methods(["GET", "HEAD", "POST"])
def website_edit(request: HttpRequest, website_id: int | None = None) -> HttpResponse:
    """Add a website, or edit one. A refusal keeps what was typed."""
    made = get_object_or_404(Website, pk=website_id) if website_id else Website()
    form = WebsiteForm(request.POST if request.method == "POST" else None, instance=made)
    if form.is_bound:
        try:
            with transaction.atomic():
                if form.is_valid():
                    saved = form.save()
                    transaction.on_commit(forget_sites)
                    words = "is saved." if website_id else "is there. Copy its script into your pages."
                    messages.success(request, f"{saved} {words}")
                    return redirect("forms_intake:website", saved.pk)
        except IntegrityError:
            form.add_error("name", TAKEN)
    stored = Website.objects.filter(pk=website_id).first() if website_id else None
    context = {"form": form, "fields": [form[name] for name in form.shown], "website": stored}
    return render(request, "forms_intake/tracking/edit.html", context, status=422 if form.is_bound else 200)


@keeps_websites
@require_http_methods(["GET", "HEAD", "POST"])
def rule_edit(request: HttpRequest, website_id: int, rule_id: int | None = None) -> HttpResponse:
    """Add a rule behind the others, or edit one."""
    site = get_object_or_404(Website, pk=website_id)
    rule = get_object_or_404(PageRule, pk=rule_id, website=site) if rule_id else PageRule(website=site)
    begin = {} if rule_id else {"pattern": request.GET.get("pattern", "").replace("\x00", "")[:300]}
    form = RuleForm(request.POST if request.method == "POST" else None, instance=rule, initial=begin)
    if form.is_bound:
        try:
            with transaction.atomic():
                if form.is_valid():
                    if not rule_id:
                        form.instance.position = next_position(site.pk)
                    saved = form.save()
                    transaction.on_commit(forget_sites)
                    messages.success(request, f"{saved} is saved: it holds for page views from now on.")
                    return redirect("forms_intake:website", site.pk)
        except IntegrityError:
            form.add_error("name", "Another rule of this website is called so.")
    stored = PageRule.objects.filter(pk=rule_id).first() if rule_id else None
    context = {"form": form, "fields": [form[name] for name in form.shown], "website": site, "rule": stored}
    return render(request, "forms_intake/tracking/rule.html", context, status=422 if form.is_bound else 200)


@keeps_websites
@require_POST
def rule_move(request: HttpRequest, website_id: int, rule_id: int, where: str) -> HttpResponse:
    """Let a rule be asked earlier or later."""
    if where not in ("up", "down"):
        raise Http404("A rule moves up or down.")
    rule = move_rule(website_id=website_id, rule_id=rule_id, by=-1 if where == "up" else 1)
    messages.success(request, f"{rule} is asked {'earlier' if where == 'up' else 'later'} now.")
    return redirect("forms_intake:website", website_id)


@keeps_websites
@require_POST
def rule_remove(request: HttpRequest, website_id: int, rule_id: int) -> HttpResponse:
    """Remove a rule; the interactions it made stay."""
    rule = remove_rule(website_id=website_id, rule_id=rule_id)
    messages.success(request, f"{rule} is removed. The interactions it made stay.")
    return redirect("forms_intake:website", website_id)


def script_of(site: Website) -> str:
    """The tag to be copied into the site's pages."""
    return f'<script src="{address_of(static(SCRIPT))}" data-website="{site.public_id}" defer></script>'


def _facts(site: Website, stand: Any, pages: Pages) -> list[Fact]:
    share = f"{100 * stand.known / stand.visits:.0f} % of them" if stand.visits else "none yet"
    if not site.active:
        arrives, tone = "switched off", "bad"
    elif stand.latest is None:
        arrives, tone = "none has come yet", ""
    else:
        quiet = timezone.now() - stand.latest
        arrives, tone = ("quiet for a day or more", "bad") if quiet.days else ("hits arrive", "good")
    latest = f"{timezone.localtime(stand.latest):%H:%M}" if stand.latest else "–"
    if stand.latest:
        arrives = f"{timezone.localtime(stand.latest):%-d %b}, {arrives}"
    return [
        Fact("Visits in 30 days", f"{stand.visits:,}"),
        Fact("Of contacts", f"{stand.known:,}", share),
        Fact("Page views in 30 days", f"{pages.hits:,}{'+' if pages.cut else ''}"),
        Fact("Latest page view", latest, arrives, tone=tone),
    ]


def _tried(site: Website, asked: str) -> Tried:
    spec = sites_of([site.pk])[site.pk]
    first = site.origins[0] if site.origins else "https://www.example.com"
    address = asked if "://" in asked else f"{first}/{asked.lstrip('/')}"
    page = page_of(address)
    if page is None:
        return Tried(address, problem="This is no address of a page.")
    if page.origin not in spec.origins:
        return Tried(address, problem=f"{page.origin} is none of this website's origins: hits from there are refused.")
    return Tried(address, first_met(spec.rules, page.host, page.path))
