"""What could be wrong with a draft: what keeps it from going live, and what works, only not as meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contacts.match_keys import attribute_of
from contacts.models import ContactMatchingStrategy, CustomFieldType, Product
from forms_intake.building.answers import may_be_refused, refused_by
from forms_intake.models import Ask, Creates, Event, FieldType, FormField, IntakeForm
from forms_intake.patterns import BadPattern, compiled
from forms_intake.showing import Op, shown_of
from forms_intake.spec.fields import field_specs
from forms_intake.spec.shape import FieldSpec, identifying_kinds
from leadcrm.lib.languages import LANGUAGES
from leads.models import LeadMatchingStrategy

OF_CONTEXT = ("campaign", "product")
ONE_OF, SOME_OF = (FieldType.CHOICE,), (FieldType.CHOICE, FieldType.MULTI_CHOICE)
FITTING: dict[str, tuple[str, ...]] = {
    CustomFieldType.NUMBER: (FieldType.NUMBER, FieldType.WHOLE, FieldType.HIDDEN),
    CustomFieldType.DATE: (FieldType.DATE, FieldType.HIDDEN),
    CustomFieldType.CHOICE: (*ONE_OF, FieldType.HIDDEN),
    CustomFieldType.MULTI_CHOICE: (*SOME_OF, FieldType.HIDDEN),
    CustomFieldType.YES_NO: (FieldType.YES_NO, FieldType.CONSENT, FieldType.HIDDEN),
}
"""Which types of fields of a form always give what a type of custom field keeps; text keeps all."""
Specs = Mapping[FormField, FieldSpec]
"""The fields of a draft, each with what it is to visitors."""
NOBODY = (
    "Nothing that it asks says who somebody is: fill e-mail, external id, or all that its contact strategy matches by."
)
PRODUCT_OF_LEAD = "lead.product"
SESSIONS_OF_EVENT = "event.sessions"
SETTINGS, FIELDS, CAPTURES = "settings", "fields", "captures"


@dataclass(frozen=True)
class Finding:
    """One sentence for its editor. `stops`: it keeps the form from going live. `field` is whose it is (a key of the
    form's fields, with its id), else `place` says where it is mended: in the settings, among the fields, or where forms
    of others are mapped.
    """

    words: str
    stops: bool = False
    field_id: int | None = None
    field: str = ""
    place: str = FIELDS


def findings_of(form: IntakeForm) -> list[Finding]:
    """Everything to say about a draft, what stops it first. Nine queries at most."""
    fields = list(form.fields.order_by("position", "pk"))
    if not fields:
        return [Finding("It has no field yet.", stops=True)]
    specs = dict(zip(fields, field_specs({form.pk: fields})[form.pk], strict=True))
    found = [
        *_about_people(form, fields),
        *_about_confirming(form, fields),
        *_about_leads(form, fields),
        *_about_custom(specs),
        *_about_event(form, fields),
        *_about_words(form, specs),
        *_about_captures(form, fields),
    ]
    for place, field in enumerate(fields):
        found += _about_field(field, fields[:place], fields)
        found += _about_answers(field, specs[field])
    for strategy in (form.contact_strategy, form.lead_strategy):
        if strategy is not None and strategy.retired_at is not None:
            words = f"Its matching strategy “{strategy}” is retired: nobody who came since is found by it."
            found.append(Finding(words, stops=True, place=SETTINGS))
    if form.lead_owner and not form.lead_owner.is_active:
        words = f"{form.lead_owner} does not work here any more: its leads are nobody's."
        found.append(Finding(words, place=SETTINGS))
    if not any(field.type == FieldType.CONSENT for field in fields):
        found.append(Finding("It asks for no consent, so nobody may be written to on its account."))
    return sorted(found, key=lambda one: not one.stops)


def known_by(form: IntakeForm, fills: Iterable[str]) -> list[tuple[str, ...]]:
    """The attributes by which contacts can be known when a form fills these; without any, its posts cannot be used."""
    filled = set(fills)
    kinds = identifying_kinds(_contact_strategy(form))
    return [kind for kind in kinds if {f"contact.{name}" for name in kind} <= filled]


def _at(field: FormField, words: str, *, stops: bool = False) -> Finding:
    return Finding(words, stops, field.pk, field.label)


def _about_people(form: IntakeForm, fields: list[FormField]) -> list[Finding]:
    if form.creates == Creates.NOTHING:
        return []
    filled = {field.fills: field for field in fields if field.fills}
    kinds = known_by(form, filled)
    known = " or ".join(" and ".join(kind).replace("_", " ") for kind in kinds)
    only_leads = form.creates == Creates.LEAD
    if not known:
        words = "Nothing that it asks says who somebody is: its leads are without a contact." if only_leads else NOBODY
        return [Finding(words, stops=not only_leads)]
    found = []
    for attribute in _contact_strategy(form):
        field = filled.get(f"contact.{attribute}")
        matched = f"Contacts are matched by {attribute.replace('_', ' ')}"
        if field is None:
            found.append(Finding(f"{matched}, but no field fills it: they are known by {known}."))
            continue
        if not field.required:
            found.append(_at(field, f"{matched}, but “{field.label}” is not required.", stops=not only_leads))
        if field.show_when:
            found.append(_at(field, f"{matched}, but “{field.label}” is not always shown.", stops=not only_leads))
        if field.ask == Ask.KNOWN:
            found.append(_at(field, f"“{field.label}” is asked only of whom we know already.", stops=not only_leads))
    mail = filled.get("contact.email")
    if form.double_opt_in and mail and mail.ask == Ask.UNKNOWN and any("email" not in kind for kind in kinds):
        words = f"People are known by {known}: all are asked “{mail.label}”, where the letter to confirm goes."
        found.append(_at(mail, words))
    return found


def _about_confirming(form: IntakeForm, fields: list[FormField]) -> list[Finding]:
    """With double opt-in everybody is asked where the letter to confirm goes: else they could not confirm."""
    if not form.double_opt_in:
        return []
    mail = next((field for field in fields if field.fills == "contact.email"), None)
    if mail is None:
        words = "It asks people to confirm by mail, but no field fills their e-mail: posts go in unconfirmed."
        return [Finding(words, place=SETTINGS)]
    whom = "whoever was not asked cannot confirm, and what they send fails."
    otherwise = "or take the confirmation by mail off in the settings"
    goes_there = f"The letter to confirm goes to “{mail.label}”"
    found = []
    if mail.type == FieldType.HIDDEN:
        found.append(f"{goes_there}, which is hidden: {whom} Make it a visible field, {otherwise}.")
    if mail.show_when:
        found.append(f"{goes_there}, which is not always shown: {whom} Show it always, {otherwise}.")
    if mail.ask == Ask.KNOWN:
        found.append(f"{goes_there}, which only whom we know is asked: {whom} Ask it of everybody, {otherwise}.")
    return [_at(mail, words, stops=True) for words in found]


def _about_leads(form: IntakeForm, fields: list[FormField]) -> list[Finding]:
    choosing = next((field for field in fields if field.fills == PRODUCT_OF_LEAD), None)
    if form.creates not in (Creates.BOTH, Creates.LEAD):
        return (
            [_at(choosing, f"“{choosing.label}” chooses a product for leads, and it makes none.")] if choosing else []
        )
    if form.always_new_lead:
        return []
    strategy = _lead_strategy(form)
    found = _about_products(choosing) if choosing else []
    if choosing and "product" not in strategy:
        words = f"“{choosing.label}” says what a new lead is about; an open lead that is matched keeps its own product."
        found.append(_at(choosing, f"{words} To have one for each product, match leads by product too."))
    return found + [
        Finding(
            f"Leads are matched by {attribute}, but this form has none: every post makes a new lead.", place=SETTINGS
        )
        for attribute in strategy
        if attribute in OF_CONTEXT
        and getattr(form.marketing_context, attribute) is None
        and not (attribute == "product" and choosing)
    ]


def _about_products(choosing: FormField) -> list[Finding]:
    """Products that a field names, and that are not sold."""
    sold = set(Product.objects.filter(active=True, name__in=choosing.choices).values_list("name", flat=True))
    gone = [name for name in choosing.choices if name not in sold]
    words = f"“{choosing.label}” offers {', '.join(gone)}, which is not sold: visitors do not see it."
    return [_at(choosing, words)] if gone else []


def _about_event(form: IntakeForm, fields: list[FormField]) -> list[Finding]:
    """Who registers is a contact; sessions are an event's."""
    asking = next((field for field in fields if field.fills == SESSIONS_OF_EVENT), None)
    registers = Event.objects.filter(form=form).exists()
    if registers and form.creates in (Creates.LEAD, Creates.NOTHING):
        words = "It registers people for an event, but makes no contacts: nobody would be registered."
        return [Finding(words, stops=True, place=SETTINGS)]
    if asking is not None and not registers:
        return [_at(asking, f"“{asking.label}” fills the sessions of an event, but this form registers for none.")]
    return []


def _about_words(form: IntakeForm, specs: Specs) -> list[Finding]:
    """Purposes that ask in another language than the form; a landing page around it may speak one of its own."""
    language = LANGUAGES.get(form.language, form.language)
    return [
        _at(field, f"“{field.label}” asks in {LANGUAGES[read]}: its purpose has no words in {language}.")
        for field, spec in specs.items()
        if field.type == FieldType.CONSENT
        and spec.wording is not None
        and (read := spec.wording.said_in(form.language)[1]) in LANGUAGES
        and read != form.language.partition("-")[0]
        and read != form.language
    ]


def _about_captures(form: IntakeForm, fields: list[FormField]) -> list[Finding]:
    """Names of forms of others that would come to nothing. They do not stop it: a field may be left out on purpose, and
    to map them anew before the new fields are live would lose what is said until then.
    """
    keys = {field.key for field in fields}
    found = []
    for capture in form.captures.all():
        lost = sorted(name for name, key in capture.names.items() if key not in keys)
        if lost:
            words = f"“{capture}” is heard and maps {', '.join(lost)} to what is no field any more"
            found.append(Finding(f"{words}: what is said there is lost until it is mapped anew.", place=CAPTURES))
    return found


def _about_field(field: FormField, above: list[FormField], fields: list[FormField]) -> list[Finding]:
    """What is wrong with one field by itself, or with what it waits for."""
    found = []
    if field.type in SOME_OF and not field.choices and field.fills != PRODUCT_OF_LEAD:
        found.append(_at(field, f"“{field.label}” has nothing to choose from.", stops=True))
    if field.type == FieldType.CONSENT and field.consent_level is None and field.purpose_id is None:
        found.append(_at(field, f"“{field.label}” does not say what ticking it agrees to.", stops=True))
    if field.default and field.choices and field.default not in field.choices:
        found.append(_at(field, f"“{field.default}” is where “{field.label}” begins, and none of its choices."))
    if field.type == FieldType.HIDDEN and field.required:
        found.append(_at(field, f"“{field.label}” is hidden and required: nobody could fill it in.", stops=True))
    try:
        compiled(field.pattern)
    except BadPattern as problem:
        found.append(_at(field, f"The pattern of “{field.label}” cannot be read: {problem}.", stops=True))
    return [*found, *_about_showing(field, above, fields)]


def _about_showing(field: FormField, above: list[FormField], fields: list[FormField]) -> list[Finding]:
    """What is wrong with what it waits for."""
    shown = shown_of(field.show_when)
    if shown is None:
        words = f"When “{field.label}” is shown makes no sense."
        return [_at(field, words, stops=True)] if field.show_when else []
    other = next((one for one in fields if one.key == shown.key), None)
    if other is None:
        return [_at(field, f"“{field.label}” is shown by a field that is gone: it is never asked.", stops=True)]
    if other not in above:
        return [_at(field, f"“{field.label}” is shown by “{other.label}”, which stands below it.", stops=True)]
    if other.choices and (strange := set(shown.values) - set(other.choices)):
        words = f"“{field.label}” waits for {', '.join(sorted(strange))}, which “{other.label}” does not offer."
        return [_at(field, words, stops=True)]
    if other.ask == Ask.KNOWN and field.ask != Ask.KNOWN and shown.op in (Op.IS, Op.FILLED):
        words = f"“{field.label}” waits for “{other.label}”, which only whom we know is asked: strangers are never."
        return [_at(field, words)]
    if other.ask == Ask.UNKNOWN:
        words = f"“{other.label}” decides whether “{field.label}” is asked: whom we know is asked it again for that."
        return [_at(field, words)]
    return []


def _about_answers(field: FormField, spec: FieldSpec) -> list[Finding]:
    """Answers that what it fills does not take: those that it offers itself stop it, since nobody could mend them."""
    refused, why = refused_by(spec)
    if refused:
        words = f"“{field.label}” offers {', '.join(refused)}: whoever answers that is refused, and reads “{why}”"
        return [_at(field, words, stops=True)]
    if may_be_refused(spec):
        words = f"“{field.label}” fills {field.fills.split('.')[1]}: answers that do not fit are refused."
        return [_at(field, words)]
    return []


def _about_custom(specs: Specs) -> list[Finding]:
    found = []
    for field, spec in specs.items():
        if spec.target is None or not spec.target.custom:
            continue
        custom = spec.custom
        if custom is None:
            words = f"“{field.label}” fills the custom field {spec.target.name}, which does not exist: posts fail."
            found.append(_at(field, words, stops=True))
        elif custom.archived:
            words = f"“{field.label}” fills an archived custom field: answers stay on the submission only."
            found.append(_at(field, words))
        elif field.type not in FITTING.get(custom.type, (field.type,)) and not refused_by(spec)[0]:
            words = f"{custom.get_type_display().lower()} of “{custom.label}”"
            found.append(_at(field, f"“{field.label}” fills the {words}: {_when_not(field)}."))
    return found


def _when_not(field: FormField) -> str:
    """What becomes of an answer that does not fit."""
    if field.type == FieldType.HIDDEN:
        return "what does not fit it stays on the submission only"
    return "visitors are refused answers that do not fit it"


def _contact_strategy(form: IntakeForm) -> list[str]:
    strategy = form.contact_strategy or ContactMatchingStrategy.objects.filter(is_default=True).first()
    return [attribute_of(name) for name in strategy.deciding] if strategy else []


def _lead_strategy(form: IntakeForm) -> list[str]:
    strategy = form.lead_strategy or LeadMatchingStrategy.objects.filter(is_default=True).first()
    return strategy.attributes if strategy else []
