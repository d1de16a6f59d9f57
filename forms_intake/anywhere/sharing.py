"""The page that says how to use a form: every way, with what to copy; who may show it; and trying it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from contacts.errors import InvalidValues
from contacts.models import Contact
from contacts.views.editing import person
from forms_intake.anywhere.allowing import allow_origin, disallow_origin, forget_refusal, sites_in_use
from forms_intake.anywhere.linking import ForOne, effect_for, effect_of, signed_link
from forms_intake.anywhere.visits import Seen, days_of
from forms_intake.looks.fields import INPUT_TYPES
from forms_intake.models import Ask, FedBy, FieldType, FormState, IntakeForm, LandingPage, PageState
from forms_intake.posts import HONEYPOT
from forms_intake.spam.captcha import asked_on
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FieldSpec, FormSpec
from forms_intake.views.builder import fills_words, form_or_404, head_of, marketers
from leadcrm.lib.links import id_in

EXAMPLES: dict[str, Any] = {
    FieldType.EMAIL: "nina@example.com",
    FieldType.PHONE: "+43 1 234567",
    FieldType.URL: "https://example.com",
    FieldType.WHOLE: "120",
    FieldType.NUMBER: "12.5",
    FieldType.DATE: "2026-03-31",
    FieldType.DATE_TIME: "2026-03-31T14:30",
    FieldType.YES_NO: True,
    FieldType.CONSENT: True,
}
IN_PAGE = "The form becomes part of the page, in its letters; conditions, errors and thanks without leaving it."
BEHIND_A_CAPTCHA = (
    "Its captcha is a service of others, so the script puts it in a frame of ours by itself: their code stays out of "
    "your page, which need allow only us (frame-src). Conditions, errors and thanks work as without."
)
NOT_BEHIND_A_CAPTCHA = (
    "Not while the form asks for a captcha: plain HTML cannot answer one, so what is sent is set aside as spam. "
    "Take the script, or take the captcha off in the form's settings."
)
PLAIN = (
    "To be changed as you like, as long as the names of fields stay. Conditions and questions only of people we know "
    "are not in it."
)
BARE = (
    "Where only HTML can be put; its height stays as it is written, and whoever sends it is not known by their visits."
)
WAYS = {"script": "", "frame": "frame"}
MOST_FORMS = 200
ANSWERS = (
    ("202", "Kept. “id” is the submission's; the same post again, with the same _token, gets the same."),
    ("422", "“errors” names fields and what is wrong with each."),
    ("400, 413", "Not to be read, or too large."),
    ("403", "A page of a site that is not on the list."),
    ("410", "The form is closed."),
    ("429, 503", "Again after as many seconds as Retry-After says."),
)


@marketers
@require_safe
def share(request: HttpRequest, form_id: int) -> HttpResponse:
    """Where the form is, and how a page or program of others posts to it. `contact` begins a link for one person."""
    begun = Contact.objects.visible_to(person(request)).filter(pk=id_in(request, "contact")).first()
    return _page(request, form_id, for_one=ForOne(user=person(request), contact=begun))


@never_cache
@marketers
@require_POST
def link_for_one(request: HttpRequest, form_id: int) -> HttpResponse:
    """A signed link for one contact whom this person may see: shown on this page, and kept nowhere."""
    for_one = ForOne(request.POST, user=person(request))
    if not for_one.is_valid():
        return _page(request, form_id, for_one=for_one)
    return _page(request, form_id, for_one=for_one, linked=for_one.cleaned_data["contact"])


@marketers
@require_safe
def forms_for(request: HttpRequest, contact_id: int) -> HttpResponse:
    """To which form a link for this contact leads: those that are live."""
    contact = get_object_or_404(Contact.objects.visible_to(person(request)), pk=contact_id)
    live = IntakeForm.objects.filter(fed_by=FedBy.VISITORS, state=FormState.LIVE).order_by("name", "pk")[:MOST_FORMS]
    return render(request, "forms_intake/anywhere/forms_for.html", {"contact": contact, "forms": live})


@marketers
@require_POST
def origins(request: HttpRequest, form_id: int) -> HttpResponse:
    """Put a site on the list (`allow`), take one off (`remove`), or forget that one asked (`forget`)."""
    form = form_or_404(form_id)
    typed, by = request.POST.get("allow", ""), person(request)
    if origin := request.POST.get("remove"):
        disallow_origin(form_id=form.pk, origin=origin, by=by)
        messages.success(request, f"Pages of {origin} show it no longer.")
    elif origin := request.POST.get("forget"):
        forget_refusal(form_id=form.pk, origin=origin)
    else:
        try:
            origin = allow_origin(form_id=form.pk, typed=typed, by=by)
        except InvalidValues as problem:
            return _page(request, form_id, typed=typed, problem=problem.errors["origin"])
        messages.success(request, f"Pages of {origin} may show it now.")
    return redirect(reverse("forms_intake:share", args=[form_id]) + "#origins")


@marketers
@require_safe
def trying(request: HttpRequest, form_id: int, how: str) -> HttpResponse:
    """The form on a page, drawn by the very script that pages of others carry: what is sent arrives."""
    if how not in WAYS:
        raise Http404
    form = form_or_404(form_id)
    context = head_of(form, "share") | {"way": WAYS[how], "how": how, "is_live": form.state == FormState.LIVE}
    response = render(request, "forms_intake/anywhere/try.html", context)
    response._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]
    return response


def _page(
    request: HttpRequest,
    form_id: int,
    *,
    typed: str = "",
    problem: str = "",
    for_one: ForOne | None = None,
    linked: Contact | None = None,
) -> HttpResponse:
    form = form_or_404(form_id)
    spec = specs_of([form_id])[form_id]  # what is live, where anything is: pages, programs and links meet that
    for_one = for_one or ForOne(user=person(request))
    pages = LandingPage.objects.filter(uses__form=form, uses__shown=True, archived_at=None).order_by("slug")
    url = request.build_absolute_uri(reverse("forms_intake:receive", args=[form.public_id]))
    example = {one.key: _example(one) for one in spec.fields if one.type != FieldType.HIDDEN}
    text = json.dumps(example, indent=2, ensure_ascii=False)
    quoted = text.replace("'", "'\\''")
    parts = urlsplit(url)
    visits, sent = days_of(form.pk)
    context = head_of(form, "share") | {
        "url": url,
        "site": f"{parts.scheme}://{parts.netloc}",
        "ways": ways(request, form, spec, url),
        "json": text,
        "curl": f"curl -X POST '{url}' -H 'Content-Type: application/json' -d '{quoted}'",
        "answers": ANSWERS,
        "pages": pages,
        "fields": [(one, fills_words(one)) for one in spec.fields],
        "offered": sites_in_use(form),
        "refused": form.refused_origins.order_by("-last_at", "pk"),
        "visits": visits,
        "sent": sent,
        "seen": Seen(sum(number for _, number in visits), sum(number for _, number in sent)),
        "typed": typed,
        "problem": problem,
        "for_one": for_one,
        "effect": effect_of(spec),
        "link": _link(form, spec, pages, linked) if linked else None,
    }
    status = 422 if problem or for_one.errors else 200
    return render(request, "forms_intake/builder/share.html", context, status=status)


def _link(form: IntakeForm, spec: FormSpec, pages: Iterable[LandingPage], contact: Contact) -> dict[str, Any]:
    """A link for one contact as the page shows it, to the form and to each landing page on which people meet it."""
    made = signed_link(contact.pk)
    live = [one for one in pages if one.state == PageState.LIVE]
    return {
        "contact": contact,
        "ends_at": made.ends_at,
        "query": made.query,
        "url": made.to(reverse("forms_intake:receive", args=[form.public_id])),
        "effect": effect_for(spec, made),
        "pages": [(one, made.to(reverse("forms_intake:page", args=[one.slug]))) for one in live],
    }


def ways(request: HttpRequest, form: IntakeForm, spec: FormSpec, url: str) -> list[dict[str, str]]:
    """What to copy into a page: the script, the script with a frame, a frame alone, and plain HTML."""
    script = request.build_absolute_uri(reverse("forms_intake:embed_script"))
    frame = request.build_absolute_uri(reverse("forms_intake:frame", args=[form.public_id]))
    otherwise = format_html('\n<noscript><a href="{}">{}</a></noscript>', url, form.name)
    tag = format_html('<script src="{}" data-form="{}" async></script>', script, form.public_id)
    framing = format_html(
        '<script src="{}" data-form="{}" data-as="frame" data-title="{}" async></script>',
        script,
        form.public_id,
        form.name,
    )
    captcha = asked_on(spec)
    bare = format_html('<iframe src="{}" title="{}" width="100%" height="600"></iframe>', frame, form.name)
    return [
        _way(
            "script",
            "A script",
            tag + otherwise,
            BEHIND_A_CAPTCHA if captcha and captcha.sources else IN_PAGE,
            tried=True,
        ),
        _way(
            "frame", "A frame", framing + otherwise, "Wholly apart from the page, as high as what is in it.", tried=True
        ),
        _way("bare", "A frame without a script", bare, BARE),
        _way("plain", "Plain HTML", embed_snippet(spec, url), NOT_BEHIND_A_CAPTCHA if captcha else PLAIN),
    ]


def _way(key: str, title: str, code: str, words: str, *, tried: bool = False) -> dict[str, str]:
    return {"key": key, "title": title, "code": code, "words": words, "try": key if tried else ""}


def _example(field: FieldSpec) -> Any:
    if field.type == FieldType.MULTI_CHOICE:
        return list(field.choices[:2])
    if field.type == FieldType.CHOICE:
        return field.choices[0] if field.choices else ""
    return EXAMPLES.get(FieldType(field.type), field.label)


def embed_snippet(spec: FormSpec, url: str) -> str:
    """A plain HTML form for somebody else's page that posts to this one."""
    fields = [
        {"field": field, "input_type": INPUT_TYPES.get(FieldType(field.type), "text")}
        for field in spec.fields
        if field.ask != Ask.KNOWN
    ]
    context = {"fields": fields, "url": url, "honeypot": HONEYPOT, "button": spec.button}
    lines = render_to_string("forms_intake/embed.html", context).splitlines()
    return "\n".join(line for line in lines if line.strip())
