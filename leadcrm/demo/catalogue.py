"""What the demo's company, Kestrane, sells and how it asks for interest: products, campaigns, fields, forms, pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contacts.models import Campaign, ConsentLevel, CustomField, CustomFieldType, Entity, MarketingContext, Product
from forms_intake.landing.editing import add_version, note_forms
from forms_intake.models import Ask, Creates, FieldType, FormField, IntakeForm, LandingPage, Prefill
from leadcrm.demo.pages import definition_of

COMPANY = "Kestrane"
TIMEFRAMES = ["This quarter", "This year", "Just looking"]
PRODUCTS = {
    "Route planning": "KRP",
    "Fleet tracking": "KFT",
    "Cold-chain monitoring": "KCC",
    "Driver app": "KDA",
}
CAMPAIGNS = {
    "Always on": (400, -400),
    "Fleet days roadshow": (140, 110),
    "Cold chain week": (115, 85),
    "The driver shortage": (90, 55),
    "Empty miles": (65, 20),
    "Winter routes": (30, -30),
    "Partner referrals": (150, -60),
}
"""Began and ends so many days ago."""


@dataclass(frozen=True)
class Page:
    """A landing page with its form. `weight` says how many come through it, of a hundred."""

    slug: str
    form: str
    title: str
    campaign: str
    product: str
    weight: int
    body: str
    button: str = "Send"
    topic: str = ""
    makes_lead: bool = True


PAGES = (
    Page(
        "demo",
        "Ask for a demo",
        "See your own tours, planned in minutes",
        "Always on",
        "Route planning",
        7,
        "Thirty minutes with one of us and a day of your own orders.\n\nYou will see the plan our software makes of "
        "them, and what it would have saved.",
        "Ask for a demo",
        "Demo of route planning",
    ),
    Page(
        "prices",
        "Ask for prices",
        "What fleet tracking costs",
        "Winter routes",
        "Fleet tracking",
        12,
        "Tell us how many vehicles you have, and we will send a price list that fits.",
        "Get prices",
        "Prices for fleet tracking",
    ),
    Page(
        "cold-chain-guide",
        "Cold-chain guide",
        "Guide: proof of temperature, door to door",
        "Cold chain week",
        "Cold-chain monitoring",
        22,
        "Twenty-four pages on loggers, alarms and audits.",
        "Download",
        "Cold-chain monitoring",
    ),
    Page(
        "driver-webinar",
        "Webinar: the driver shortage",
        "Webinar: keeping the drivers you have",
        "The driver shortage",
        "Driver app",
        19,
        "Forty-five minutes, with time for questions.",
        "Take a seat",
        "Driver app",
    ),
    Page(
        "empty-miles",
        "Empty miles calculator",
        "How many of your miles are empty?",
        "Empty miles",
        "Route planning",
        14,
        "Answer five questions and see where you stand.",
        "Calculate",
        "Fewer empty miles",
    ),
    Page(
        "newsletter",
        "Newsletter",
        "One mail a month on moving things",
        "Always on",
        "",
        12,
        "No more than that, and you can leave at any time.",
        "Subscribe",
        makes_lead=False,
    ),
)
THANKS = {
    "cold-chain-guide": "Here it is: [the guide, 24 pages](https://kestrane.example/cold-chain-guide.pdf).\n\n"
    "If something in it is wrong, tell us.",
    "newsletter": "Thank you, and welcome.",
}
"""Where it is not that one of us will be in touch."""
KNOWS = frozenset({"cold-chain-guide"})
"""Where whoever comes by a signed link is filled in, and not asked what we know."""
THROUGH: dict[str, tuple[str, str]] = {
    "Search": ("medium", ""),
    "Trade press": ("medium", ""),
    "E-mail": ("medium", ""),
    "Fewer empty miles, half a page": ("advertisement", "TP-0926"),
    "Fleet tracking, search words": ("advertisement", "SW-FT"),
    "Cold chain expo": ("event", "CCE"),
    "Driver shortage mailing": ("job", "DS-M1"),
}
"""Through what people come to pages: its kind and its source code."""
CAME_THROUGH: dict[str, tuple[str, ...]] = {
    "demo": ("Search",),
    "prices": ("Search", "Fleet tracking, search words"),
    "cold-chain-guide": ("Trade press", "Cold chain expo"),
    "driver-webinar": ("E-mail", "Driver shortage mailing"),
    "empty-miles": ("Trade press", "Fewer empty miles, half a page"),
    "newsletter": ("E-mail",),
}
"""By the slug of a page."""
CUSTOM_FIELDS: tuple[tuple[str, str, str, str, list[str]], ...] = (
    (Entity.LEAD, "fleet_size", "Vehicles", CustomFieldType.NUMBER, []),
    (Entity.LEAD, "timeframe", "Wants to decide", CustomFieldType.CHOICE, TIMEFRAMES),
    (Entity.CONTACT, "language", "Language", CustomFieldType.TEXT, []),
    (Entity.ACCOUNT, "customer_since", "Customer since", CustomFieldType.DATE, []),
)


@dataclass
class Catalogue:
    """The rows, by name or slug."""

    products: dict[str, Product]
    campaigns: dict[str, Campaign]
    forms: dict[str, IntakeForm]
    pages: dict[str, LandingPage]
    contexts: dict[str, MarketingContext]
    through: dict[str, MarketingContext]


def make_catalogue(today: date) -> Catalogue:
    """All of it; the workspace must not have it yet."""
    products = {
        name: Product.objects.get_or_create(name=name, defaults={"code": code})[0] for name, code in PRODUCTS.items()
    }
    campaigns = {
        name: Campaign.objects.get_or_create(
            name=name,
            defaults={
                "starts_on": today - timedelta(days=began),
                "ends_on": today - timedelta(days=ends),
                "budget": 1000 + 3100 * position,
                "active": ends < 0,
            },
        )[0]
        for position, (name, (began, ends)) in enumerate(CAMPAIGNS.items())
    }
    for position, (entity, key, label, kind, choices) in enumerate(CUSTOM_FIELDS):
        CustomField.objects.get_or_create(
            entity=entity, key=key, defaults={"label": label, "type": kind, "choices": choices, "position": position}
        )
    made = Catalogue(products, campaigns, {}, {}, {}, {})
    for name, (kind, code) in THROUGH.items():
        made.through[name] = MarketingContext.objects.create(kind=kind, name=name, source_code=code)
    for page in PAGES:
        _make_page(page, made)
    return made


def _make_page(page: Page, made: Catalogue) -> None:
    about: dict[str, Any] = {"campaign": made.campaigns[page.campaign], "product": made.products.get(page.product)}
    for through in (made.through[name] for name in CAME_THROUGH[page.slug]):
        about |= {through.kind: through, "source_code": through.source_code or about.get("source_code", "")}
    kinds = MarketingContext.Kind
    form = IntakeForm.objects.create(
        name=page.form,
        marketing_context=MarketingContext.objects.create(kind=kinds.FORM, name=page.form, **about),
        topic=page.topic,
        creates=Creates.BOTH if page.makes_lead else Creates.CONTACT,
        thank_you=THANKS.get(page.slug, "Thank you. One of us will be in touch soon."),
    )
    for position, field in enumerate(_fields(page)):
        FormField.objects.create(form=form, position=position, **field)
    if page.slug in KNOWS:
        form.fields.filter(key__in=["first_name", "last_name", "email"]).update(prefill=Prefill.LINK)
        form.fields.filter(key__in=["company", "job_title", "phone"]).update(ask=Ask.UNKNOWN)
    made.forms[page.slug] = form
    made.contexts[page.slug] = MarketingContext.objects.create(kind=kinds.PAGE, name=page.title[:200], **about)
    made.pages[page.slug] = LandingPage.objects.create(
        slug=page.slug,
        title=page.title,
        draft=definition_of(slug=page.slug, title=page.title, body=page.body, button=page.button, form_id=form.pk),
        marketing_context=made.contexts[page.slug],
    )
    note_forms(made.pages[page.slug])
    add_version(made.pages[page.slug], by=None)


def _fields(page: Page) -> list[dict[str, object]]:
    """The form's fields: who, and for those that make leads, at which company and what about."""
    fields: list[dict[str, object]] = [
        {"key": "first_name", "label": "First name", "fills": "contact.first_name"},
        {"key": "last_name", "label": "Last name", "fills": "contact.last_name", "required": page.makes_lead},
        {"key": "email", "label": "E-mail", "fills": "contact.email", "type": FieldType.EMAIL, "required": True},
    ]
    if page.makes_lead:
        fields += [
            {"key": "company", "label": "Company", "fills": "account.name"},
            {"key": "job_title", "label": "What you do there", "fills": "contact.job_title"},
            {"key": "phone", "label": "Phone", "fills": "contact.phone", "type": FieldType.PHONE},
            {
                "key": "fleet_size",
                "label": "How many vehicles?",
                "fills": "lead.custom.fleet_size",
                "type": FieldType.NUMBER,
            },
            {
                "key": "timeframe",
                "label": "When do you want to decide?",
                "fills": "lead.custom.timeframe",
                "type": FieldType.CHOICE,
                "choices": TIMEFRAMES,
            },
        ]
    consent = {
        "key": "consent",
        "label": f"{COMPANY} may write to me about its products. I can take this back at any time.",
        "type": FieldType.CONSENT,
        "consent_level": ConsentLevel.MARKETING,
        "required": not page.makes_lead,
    }
    return [*fields, consent]
