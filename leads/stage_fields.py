"""Which fields a process may show and require in its stages, and what each holds for a lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contacts.models import Account, Contact, CustomField, Entity, Record
from leads.models import Lead, YesNo

CUSTOM = "custom."


def account_of(lead: Lead) -> Account | None:
    """The lead's own account, or else its contact's; a deleted one is none."""
    account = lead.account or (lead.contact.account if lead.contact else None)
    return account if account is not None and account.deleted_at is None else None


EDITED = (
    *("topic", "product", "campaign", "source", "rating", "estimated_value", "follow_up_on", "description"),
    *("purchase_timeframe", "budget_amount", "budget_status", "need"),
    *("purchase_need", "purchase_process", "decision_maker", "teleprospecting_ready", "teleprospecting_accepted"),
)
"""Fields of a lead that a stage's menu edits in place."""
MUST_BE_YES = frozenset({"purchase_need", "decision_maker"})
FOLLOWING: dict[str, tuple[str, Callable[[Lead], Any]]] = {
    "contact": ("Contact", lambda lead: lead.contact),
    "account": ("Account", account_of),
    "owner": ("Owner", lambda lead: lead.owner_id),
    "sales_ready": ("Sales ready", lambda lead: lead.sales_ready),
    "accepted": ("Sales accepted", lambda lead: lead.accepted_at is not None),
}
"""What a stage can show and require of a lead, and what has ways of its own to be changed."""
OF_CONTACT = ("email", "phone", "job_title", "role", "city", "country", "consent_level")
OF_ACCOUNT = ("name", "domain", "industry", "employees", "phone", "city", "country")


@dataclass(frozen=True)
class Field:
    """`about` is whose field it is: lead, contact or account; `key` its column, or its custom field's key."""

    name: str
    label: str
    about: str
    key: str
    custom: bool = False

    @property
    def is_edited_here(self) -> bool:
        return self.about == Entity.LEAD and (self.custom or self.key in EDITED)

    def value(self, lead: Lead) -> Any:
        """What it holds for a lead; None, "" or False when it is missing."""
        if self.name in FOLLOWING:
            return FOLLOWING[self.name][1](lead)
        record: Record | None = lead
        if self.about != Entity.LEAD:
            record = lead.contact if self.about == Entity.CONTACT else account_of(lead)
        if record is None:
            return None
        return record.custom.get(self.key) if self.custom else getattr(record, self.key)

    def words(self, lead: Lead) -> str:
        """What it holds, as people read it; nothing when it is missing."""
        value = str(lead.owner or "") if self.name == "owner" else self.value(lead)
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, Decimal):
            return f"{value:,.2f}".removesuffix(".00")
        labels = {} if self.custom or self.name in FOLLOWING else self._labels()
        return ", ".join(map(str, value)) if isinstance(value, list) else str(labels.get(value, value))

    def _labels(self) -> dict[Any, Any]:
        models: dict[str, type[Record]] = {Entity.LEAD: Lead, Entity.CONTACT: Contact, Entity.ACCOUNT: Account}
        return dict(getattr(models[self.about]._meta.get_field(self.key), "flatchoices", []))

    def is_missing(self, lead: Lead) -> bool:
        """Whether nothing is there; a yes or no must be yes, as a tick must be set, and a consent given. Zero is
        something.
        """
        value = self.value(lead)
        if self.name == "contact.consent_level":
            return not value
        return value in (None, "", []) or value is False or (self.name in MUST_BE_YES and value == YesNo.NO)


def catalogue(named: Iterable[str] | None = None) -> dict[str, Field]:
    """The fields by name, in the order of choosing; `named`: only these, without a query when none is a custom field.

    What was archived or never was is not there: nobody could fill it.
    """
    fields = dict(_standard())
    wanted = None if named is None else set(named)
    if wanted is None or any(CUSTOM in name for name in wanted):
        for field in CustomField.objects.filter(archived=False).order_by("entity", "position", "label", "pk"):
            prefix = "" if field.entity == Entity.LEAD else f"{field.entity}."
            name = f"{prefix}{CUSTOM}{field.key}"
            fields[name] = Field(name, _said(field.label, field.entity), field.entity, field.key, custom=True)
    return fields if wanted is None else {name: field for name, field in fields.items() if name in wanted}


def missing_of(lead: Lead, required: Sequence[str], fields: dict[str, Field]) -> list[Field]:
    """Those of the `required` fields that this lead does not have, in their order."""
    return [fields[name] for name in required if name in fields and fields[name].is_missing(lead)]


def _standard() -> Iterable[tuple[str, Field]]:
    for name, (label, _) in FOLLOWING.items():
        yield name, Field(name, label, Entity.LEAD, name)
    for name in EDITED:
        yield name, Field(name, _capital(Lead._meta.get_field(name).verbose_name), Entity.LEAD, name)
    for prefix, keys in (("contact", OF_CONTACT), ("account", OF_ACCOUNT)):
        model = Lead._meta.get_field(prefix).related_model
        for key in keys:
            label = _said(_capital(model._meta.get_field(key).verbose_name), prefix)
            yield f"{prefix}.{key}", Field(f"{prefix}.{key}", label, prefix, key)


def _capital(words: Any) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]


def _said(label: str, about: str) -> str:
    """Whose field it is, unless it is the lead's."""
    return label if about == Entity.LEAD else f"{label} of the {about}"
