"""Which sites may show a form: said by marketers, in force at once."""

from __future__ import annotations

from collections import Counter

import structlog
from django.db import transaction

from contacts.errors import InvalidValues
from contacts.models import User
from forms_intake.anywhere.origins import MOST_ORIGINS, BadOrigin, is_listed, origin_of
from forms_intake.errors import FormGone
from forms_intake.models import IntakeForm, RefusedOrigin, Website
from forms_intake.spec.remembering import forget_specs

MOST_OFFERED = 6

log = structlog.get_logger("forms_intake.origins")


@transaction.atomic
def allow_origin(*, form_id: int, typed: str, by: User) -> str:
    """Let the pages of a site show the form, however its address was typed; the origin that was added, or was there.
    What was refused to it before is forgotten. Raises FormGone, InvalidValues naming `origin`.
    """
    try:
        origin = origin_of(typed)
    except BadOrigin as problem:
        raise InvalidValues({"origin": str(problem)}) from problem
    form = _held(form_id)
    if origin not in form.origins:
        if len(form.origins) >= MOST_ORIGINS:
            raise InvalidValues({"origin": f"At most {MOST_ORIGINS} sites; take one off the list first."})
        _write(form, sorted({*form.origins, origin}), by)
    RefusedOrigin.objects.filter(form=form, origin=origin).delete()
    return origin


@transaction.atomic
def disallow_origin(*, form_id: int, origin: str, by: User) -> None:
    """Take a site off the list, if it is on it. Raises FormGone."""
    form = _held(form_id)
    if origin in form.origins:
        _write(form, [one for one in form.origins if one != origin], by)


@transaction.atomic
def forget_refusal(*, form_id: int, origin: str) -> None:
    """No longer show that this site asked."""
    RefusedOrigin.objects.filter(form=form_id, origin=origin).delete()


def sites_in_use(form: IntakeForm) -> list[str]:
    """Sites of this workspace that could be put on the form's list by a click: those of tracked websites first, then
    those that other forms are allowed on, most often first. Two queries.
    """
    tracked = Website.objects.filter(active=True).order_by("name").values_list("origins", flat=True)
    others = IntakeForm.objects.exclude(pk=form.pk).exclude(origins=[]).values_list("origins", flat=True)
    often = Counter(origin for origins in others for origin in origins)
    known = [*(origin for origins in tracked for origin in origins), *(origin for origin, _ in often.most_common())]
    return [origin for origin in dict.fromkeys(known) if not is_listed(origin, form.origins)][:MOST_OFFERED]


def _held(form_id: int) -> IntakeForm:
    form = IntakeForm.objects.select_for_update(no_key=True).filter(pk=form_id).first()
    if form is None:
        raise FormGone(form_id)
    return form


def _write(form: IntakeForm, origins: list[str], by: User) -> None:
    form.origins = origins
    form.save(update_fields=["origins"])
    transaction.on_commit(forget_specs)
    log.info("origins changed", form=form.pk, origins=origins, by=by.pk)
