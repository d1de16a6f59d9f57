"""Which sites may show a form: said by marketers, in force at once."""

from __future__ import annotations

import structlog
from django.db import transaction

from contacts.errors import InvalidValues
from contacts.models import User
from forms_intake.anywhere.origins import MOST_ORIGINS, BadOrigin, origin_of
from forms_intake.errors import FormGone
from forms_intake.models import IntakeForm, RefusedOrigin
from forms_intake.spec import forget_specs

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
