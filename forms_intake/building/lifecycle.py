"""Going live, closing, and going back to an older version. One transaction each."""

from __future__ import annotations

from django.db import transaction

from contacts.models import User
from forms_intake.building.checks import findings_of
from forms_intake.building.definition import freeze
from forms_intake.building.editing import add_version, locked, must_be_as_seen, touch, write_draft
from forms_intake.errors import FormGone, NotReady
from forms_intake.models import FormState, FormVersion, IntakeForm
from forms_intake.spec.remembering import forget_specs


@transaction.atomic
def go_live(*, form_id: int, seen: str, by: User, note: str = "") -> FormVersion:
    """Show the draft to visitors, as a new version where it differs from the live one.

    `seen` is the fingerprint of the draft that the person read. Raises ChangedSince, FormGone, NotReady.
    """
    form = locked(form_id)
    must_be_as_seen(form, seen)
    problems = [one.words for one in findings_of(form) if one.stops]
    if problems:
        raise NotReady(problems)
    version = form.version
    if version is None or version.definition != freeze(form):
        version = add_version(form, by=by, note=note)
    form.state = FormState.LIVE
    form.save(update_fields=["state"])
    transaction.on_commit(forget_specs)
    return version


@transaction.atomic
def close(*, form_id: int) -> IntakeForm:
    """Take no more posts. What was posted stays, and it can go live again. Raises FormGone."""
    form = locked(form_id)
    form.state = FormState.CLOSED
    form.save(update_fields=["state"])
    transaction.on_commit(forget_specs)
    return form


@transaction.atomic
def restore(*, form_id: int, number: int, seen: str, by: User) -> IntakeForm:
    """Make an older version the draft; visitors see it once it goes live. Raises ChangedSince, FormGone."""
    form = locked(form_id)
    must_be_as_seen(form, seen)
    version = form.versions.filter(number=number).first()
    if version is None:
        raise FormGone(form_id)
    write_draft(form, version.definition)
    touch(form, by)
    return form


def as_saved_elsewhere(form: IntakeForm, *, by: User | None) -> None:
    """What is edited outside the builder is live at once: keep it as a version, where it differs."""
    form.refresh_from_db(fields=["version"])
    if form.state == FormState.LIVE and form.version is not None and form.version.definition != freeze(form):
        add_version(form, by=by)
    forget_specs()
