"""The demo's page in another language: German, dark where the visitor's device is, confirmed by mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from contacts.models import Campaign, MarketingContext, Product, Purpose, User
from forms_intake.building.editing import add_version as add_form_version
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import add_version, note_forms
from forms_intake.models import Ask, FieldType, FormField, IntakeForm, LandingPage, Submission, SubmissionState
from leadcrm.demo.consents import NEWS

SINCE = timedelta(days=40)
SLUG = "tourencheck"
TITLE = "Tourencheck: was ein Tag bei Ihnen kostet"
JA = "Ja, mit eigenen Fahrzeugen"
FIELDS: list[dict[str, Any]] = [
    {"key": "vorname", "label": "Vorname", "fills": "contact.first_name"},
    {"key": "nachname", "label": "Nachname", "fills": "contact.last_name", "required": True},
    {"key": "email", "label": "E-Mail", "fills": "contact.email", "type": FieldType.EMAIL, "required": True},
    {"key": "firma", "label": "Firma", "fills": "account.name"},
    {
        "key": "fuhrpark",
        "label": "Fahren Sie selbst?",
        "type": FieldType.CHOICE,
        "choices": [JA, "Nein, mit Partnern"],
        "display": "radio",
    },
    {
        "key": "fahrzeuge",
        "label": "Wie viele Fahrzeuge?",
        "type": FieldType.NUMBER,
        "fills": "lead.custom.fleet_size",
        "show_when": {"key": "fuhrpark", "op": "is", "values": [JA]},
    },
    {
        "key": "aufgabe",
        "label": "Was machen Sie dort?",
        "fills": "contact.job_title",
        "ask": Ask.KNOWN,
        "help": "Das fragen wir nur, wenn wir Sie schon kennen.",
    },
    {
        "key": "neuigkeiten",
        "label": "Neuigkeiten",
        "type": FieldType.CONSENT,
    },
]
BLOCKS: list[dict[str, Any]] = [
    {
        "kind": "columns",
        "heading": "So läuft es",
        "title_1": "Einen Tag schicken",
        "body_1": "Die Aufträge **eines** Tages genügen, in jeder Form.",
        "title_2": "Zwei Tage warten",
        "body_2": "Wir planen ihn neu und rechnen beides durch.",
        "title_3": "Vergleichen",
        "body_3": "Kilometer, Stunden und Fahrzeuge, mit allen Annahmen.",
    },
    {
        "kind": "testimonial",
        "quote": "Elf Prozent weniger Kilometer, und die Fahrer sind früher zu Hause.",
        "name": "Jonas Weck",
        "role": "Inhaber, Weck Kühltransporte",
        "ground": "tint",
    },
    {
        "kind": "footer",
        "text": "Kestrane bewegt Flotten seit 2011. Lindenstraße 12, 10969 Berlin.",
        "label_1": "Impressum",
        "link_1": "https://kestrane.example/imprint",
        "label_2": "Datenschutz",
        "link_2": "https://kestrane.example/privacy",
    },
]


def make_german_page(random: Random, now: datetime, by: User) -> LandingPage:
    """The page with a form of its own; somebody has filled it in, and not confirmed yet."""
    about: dict[str, Any] = {
        "campaign": Campaign.objects.get(name="Always on"),
        "product": Product.objects.get(name="Route planning"),
    }
    form = _form(about, by)
    blocks: list[dict[str, Any]] = [
        {
            "kind": "hero",
            "heading": TITLE,
            "eyebrow": "Kostenlos",
            "text": "Schicken Sie uns einen Tag Ihrer Aufträge. Wir sagen Ihnen, was er gekostet hat und was er "
            "kosten müsste.\n\n- Kein Verkaufsgespräch\n- Ihre Daten bleiben Ihre",
        },
        {"kind": "form", "form": form.pk, "button": "Tourencheck anfordern", "beside": True},
        *BLOCKS,
    ]
    definition = new_definition(TITLE, blocks, "clear")
    definition["settings"] |= {
        "language": "de",
        "dark": True,
        "description": "Schicken Sie uns einen Tag Ihrer Aufträge: Wir rechnen ihn durch.",
    }
    page = LandingPage.objects.create(
        slug=SLUG,
        title="Tourencheck (German)",
        draft=definition,
        marketing_context=MarketingContext.objects.create(
            kind=MarketingContext.Kind.PAGE, name="Tourencheck (German)", **about
        ),
    )
    note_forms(page)
    add_version(page, by=by)
    page.versions.update(created_at=now - SINCE)
    form.versions.update(created_at=now - SINCE)
    _waiting(random, now, form, page)
    return page


def _form(about: dict[str, Any], by: User) -> IntakeForm:
    form = IntakeForm.objects.create(
        name="Tourencheck",
        marketing_context=MarketingContext.objects.create(kind=MarketingContext.Kind.FORM, name="Tourencheck", **about),
        topic="Tourencheck",
        language="de",
        double_opt_in=True,
        asks_at_most=1,
        button="Anfordern",
        thank_you="Wir melden uns innerhalb von zwei Tagen.",
    )
    for position, field in enumerate(FIELDS):
        FormField.objects.create(form=form, position=position, **field)
    form.fields.filter(type=FieldType.CONSENT).update(purpose=Purpose.objects.get(name=NEWS))
    add_form_version(form, by=by)
    return form


def _waiting(random: Random, now: datetime, form: IntakeForm, page: LandingPage) -> None:
    Submission.objects.create(
        public_id=UUID(int=random.getrandbits(128), version=4),
        form=form,
        version=form.version,
        page=page,
        payload={"vorname": "Katja", "nachname": "Brehm", "email": "katja.brehm@roadline.example", "fuhrpark": JA},
        origin={"ip": "192.0.2.51", "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"},
        state=SubmissionState.UNCONFIRMED,
        received_at=now - timedelta(hours=5),
    )
