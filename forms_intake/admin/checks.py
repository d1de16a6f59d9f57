"""What a form could be missing: said when it is saved, because it still works, only not as meant."""

from __future__ import annotations

from contacts.models import ContactMatchingStrategy
from forms_intake.models import Creates, FieldType, IntakeForm
from leads.models import LeadMatchingStrategy

OF_CONTEXT = ("campaign", "product")


def doubts_about(form: IntakeForm) -> list[str]:
    """Sentences for its editor; none when all is well."""
    fields = list(form.fields.all())
    if not fields:
        return ["It has no field yet."]
    filled = {field.fills: field for field in fields if field.fills}
    doubts = []
    for attribute in _contact_strategy(form):
        field = filled.get(f"contact.{attribute}")
        words = attribute.replace("_", " ")
        if field is None:
            doubts.append(f"Contacts are matched by {words}, but no field fills it: every post makes a new contact.")
        elif not field.required:
            doubts.append(f"Contacts are matched by {words}, but “{field.label}” is not required.")
    if form.creates == Creates.BOTH:
        for attribute in _lead_strategy(form):
            if attribute in OF_CONTEXT and getattr(form.marketing_context, attribute) is None:
                doubts.append(f"Leads are matched by {attribute}, but this form has none: every post makes a new lead.")
    if not any(field.type == FieldType.CONSENT for field in fields):
        doubts.append("It asks for no consent, so nobody may be written to on its account.")
    return doubts


def _contact_strategy(form: IntakeForm) -> list[str]:
    strategy = form.contact_strategy or ContactMatchingStrategy.objects.filter(is_default=True).first()
    return strategy.attributes if strategy else []


def _lead_strategy(form: IntakeForm) -> list[str]:
    strategy = form.lead_strategy or LeadMatchingStrategy.objects.filter(is_default=True).first()
    return strategy.attributes if strategy else []
