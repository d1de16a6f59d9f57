"""What a form could be missing: said when it is saved, because it still works, only not as meant."""

from __future__ import annotations

from collections.abc import Iterable

from contacts.models import ContactMatchingStrategy, CustomField, CustomFieldType
from forms_intake.models import Creates, FieldType, FormField, IntakeForm
from forms_intake.spec import identifying_kinds
from forms_intake.targets import target_of
from leads.models import LeadMatchingStrategy

OF_CONTEXT = ("campaign", "product")
ONE_OF, SOME_OF = (FieldType.CHOICE,), (FieldType.CHOICE, FieldType.MULTI_CHOICE)
FITTING: dict[str, tuple[str, ...]] = {
    CustomFieldType.NUMBER: (FieldType.NUMBER, FieldType.HIDDEN),
    CustomFieldType.DATE: (FieldType.DATE, FieldType.HIDDEN),
    CustomFieldType.CHOICE: (*ONE_OF, FieldType.HIDDEN),
    CustomFieldType.MULTI_CHOICE: (*SOME_OF, FieldType.HIDDEN),
    CustomFieldType.YES_NO: (FieldType.YES_NO, FieldType.CONSENT, FieldType.HIDDEN),
}
"""Which types of fields of a form always give what a type of custom field keeps; text keeps all."""


NOBODY = (
    "Nothing that it asks says who somebody is: fill e-mail, external id, or all that its contact strategy matches by."
)


def known_by(form: IntakeForm, fills: Iterable[str]) -> list[tuple[str, ...]]:
    """The attributes by which contacts can be known when a form fills these; without any, its posts cannot be used."""
    filled = set(fills)
    kinds = identifying_kinds(_contact_strategy(form))
    return [kind for kind in kinds if {f"contact.{name}" for name in kind} <= filled]


def doubts_about(form: IntakeForm) -> list[str]:
    """Sentences for its editor; none when all is well."""
    fields = list(form.fields.all())
    if not fields:
        return ["It has no field yet."]
    filled = {field.fills: field for field in fields if field.fills}
    doubts = []
    known = " or ".join(" and ".join(kind).replace("_", " ") for kind in known_by(form, filled))
    if not known:
        doubts.append(NOBODY)
    for attribute in _contact_strategy(form) if known else ():
        field = filled.get(f"contact.{attribute}")
        words = attribute.replace("_", " ")
        if field is None:
            doubts.append(f"Contacts are matched by {words}, but no field fills it: they are known by {known}.")
        elif not field.required:
            doubts.append(f"Contacts are matched by {words}, but “{field.label}” is not required.")
    if form.creates == Creates.BOTH:
        for attribute in _lead_strategy(form):
            if attribute in OF_CONTEXT and getattr(form.marketing_context, attribute) is None:
                doubts.append(f"Leads are matched by {attribute}, but this form has none: every post makes a new lead.")
    if form.lead_owner and not form.lead_owner.is_active:
        doubts.append(f"{form.lead_owner} does not work here any more: its leads are nobody's.")
    doubts += _doubts_about_custom(fields)
    if form.double_opt_in and "contact.email" not in filled:
        doubts.append("It asks people to confirm by mail, but no field fills their e-mail: posts go in unconfirmed.")
    if not any(field.type == FieldType.CONSENT for field in fields):
        doubts.append("It asks for no consent, so nobody may be written to on its account.")
    return doubts


def _doubts_about_custom(fields: Iterable[FormField]) -> list[str]:
    known = {f"{one.entity}.custom.{one.key}": one for one in CustomField.objects.all()}
    doubts = []
    for field in fields:
        target = target_of(field.fills)
        if target is None or not target.custom:
            continue
        custom = known.get(field.fills)
        if custom is None:
            doubts.append(f"“{field.label}” fills the custom field {target.name}, which does not exist: posts fail.")
        elif custom.archived:
            doubts.append(f"“{field.label}” fills an archived custom field: answers stay on the submission only.")
        elif field.type not in FITTING.get(custom.type, (field.type,)):
            words = f"{custom.get_type_display().lower()} of “{custom.label}”"
            doubts.append(f"“{field.label}” fills the {words}: {_when_not(field)}.")
        elif field.type in SOME_OF and custom.choices and (strange := set(field.choices) - set(custom.choices)):
            words = ", ".join(sorted(strange))
            doubts.append(f"“{field.label}” offers {words}, which “{custom.label}” does not know: they are refused.")
    return doubts


def _when_not(field: FormField) -> str:
    """What becomes of an answer that does not fit."""
    if field.type == FieldType.HIDDEN:
        return "what does not fit it stays on the submission only"
    return "visitors are refused answers that do not fit it"


def _contact_strategy(form: IntakeForm) -> list[str]:
    strategy = form.contact_strategy or ContactMatchingStrategy.objects.filter(is_default=True).first()
    return strategy.attributes if strategy else []


def _lead_strategy(form: IntakeForm) -> list[str]:
    strategy = form.lead_strategy or LeadMatchingStrategy.objects.filter(is_default=True).first()
    return strategy.attributes if strategy else []
