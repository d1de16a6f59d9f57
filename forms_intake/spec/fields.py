"""The fields of forms as the door uses them: with the custom fields, purposes and products that they name."""

from __future__ import annotations

from dataclasses import replace

from contacts.consent.purposes import latest_wordings
from contacts.models import CustomField, Product, Purpose, PurposeWording
from forms_intake.building.definition import thaw_fields
from forms_intake.models import FieldType, FormField, FormVersion
from forms_intake.showing import shown_of
from forms_intake.spec.shape import FieldSpec
from forms_intake.targets import CUSTOM, PRODUCT, TEXT_CHARACTERS, target_of


def fields_of_version(version: FormVersion) -> tuple[FieldSpec, ...]:
    """The fields of one version. A constant number of queries."""
    fields = thaw_fields(version.form_id, version.definition["fields"])
    return field_specs({version.form_id: fields})[version.form_id]


def field_specs(fields: dict[int, list[FormField]]) -> dict[int, tuple[FieldSpec, ...]]:
    """Fields, stored or not, as the door uses them, by form; consents in the words that are in force."""
    custom = {f"{one.entity}.{CUSTOM}.{one.key}": one for one in CustomField.objects.all()}
    wanted = {one.purpose_id for all in fields.values() for one in all if one.purpose_id}
    purposes = Purpose.objects.in_bulk(wanted) if wanted else {}
    words = latest_wordings(wanted) if wanted else {}
    found: dict[int, tuple[FieldSpec, ...]] = {}
    for form_id, all in fields.items():
        specs = []
        for one in all:
            one.purpose = purposes.get(one.purpose_id) if one.purpose_id else None
            asked = words.get(one.purpose_id) if one.purpose_id else None
            specs.append(_field(one, custom.get(one.fills), asked))
        found[form_id] = tuple(specs)
    return _with_products(found)


def _with_products(found: dict[int, tuple[FieldSpec, ...]]) -> dict[int, tuple[FieldSpec, ...]]:
    """Fields that say the product of the lead offer those that are sold: all, or those of them that the form names."""
    if not any(one.target == PRODUCT for all in found.values() for one in all):
        return found
    sold = dict(Product.objects.filter(active=True).order_by("name").values_list("name", "pk"))
    ids = {name.casefold(): pk for name, pk in sold.items()}

    def offering(one: FieldSpec) -> FieldSpec:
        if one.target != PRODUCT:
            return one
        choices = tuple(name for name in one.choices if name in sold) or tuple(sold)
        return replace(one, choices=choices if one.type == FieldType.CHOICE else (), products=ids)

    return {form_id: tuple(map(offering, all)) for form_id, all in found.items()}


def _field(field: FormField, custom: CustomField | None, wording: PurposeWording | None) -> FieldSpec:
    target = target_of(field.fills)
    # Nobody who is told that a hidden value is too long could shorten it: it is kept on the submission.
    fits = target.longest if target and field.type != FieldType.HIDDEN else TEXT_CHARACTERS
    return FieldSpec(
        key=field.key,
        label=wording.text if wording else field.label,
        type=field.type,
        target=target,
        required=field.required,
        update=field.update,
        choices=tuple(field.choices),
        placeholder=field.placeholder,
        default=field.default,
        longest=max(1, min(field.max_length, fits)),
        consent_level=field.purpose.level if field.purpose else field.consent_level,
        custom=custom,
        purpose=field.purpose,
        wording=wording,
        help=field.help,
        message=field.message,
        pattern=field.pattern,
        pattern_message=field.pattern_message,
        display=field.display,
        shown=shown_of(field.show_when),
        ask=field.ask,
        prefill=field.prefill,
    )
