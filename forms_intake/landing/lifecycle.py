"""Going live, stopping, going back to an older version, archiving and bringing back. One transaction each."""

from __future__ import annotations

from copy import deepcopy

from django.db import transaction
from django.utils import timezone

from contacts.models import User
from contacts.services.records import RESTORABLE
from forms_intake.errors import PageGone, PageNotReady, PageRefused
from forms_intake.landing.checks import findings_of
from forms_intake.landing.editing import add_version, locked, must_be_as_seen, note_forms, write
from forms_intake.landing.testing import follow
from forms_intake.models import LandingPage, PageState, PageVersion
from forms_intake.spec.remembering import forget_specs

EXPECTED, DIFFERENCE = 10.0, 20.0
"""Per cent: the conversion a test is planned for unless somebody knows better, and the difference worth knowing."""


@transaction.atomic
def go_live(
    *, page_id: int, seen: str, by: User, note: str = "", expected: float = EXPECTED, difference: float = DIFFERENCE
) -> PageVersion:
    """Show the draft to visitors, as a new version where it differs from the live one.

    `seen` is the fingerprint of the draft that the person read. With several variants a test begins, for which
    `expected` and `difference` are per cent (landing/testing.py). Raises ChangedSince, PageGone, PageNotReady.
    """
    page = locked(page_id)
    must_be_as_seen(page, seen)
    before = page.version.definition if page.version else None
    if page.archived_at:
        raise PageRefused("It is archived; bring it back first.")
    problems = [one.words for one in findings_of(page) if one.stops]
    if problems:
        raise PageNotReady(problems)
    version = page.version
    if version is None or version.definition != page.draft:
        version = add_version(page, by=by, note=note)
    else:
        page.state = PageState.LIVE
        page.save(update_fields=["state"])
    follow(page, before, expected=expected, difference=difference, by=by)
    transaction.on_commit(forget_specs)
    return version


@transaction.atomic
def stop(*, page_id: int) -> LandingPage:
    """Show it no more; visitors read that it is no longer here. It can go live again. Raises PageGone."""
    page = locked(page_id)
    if page.state == PageState.LIVE:
        page.state = PageState.STOPPED
        page.save(update_fields=["state"])
    transaction.on_commit(forget_specs)
    return page


@transaction.atomic
def restore(*, page_id: int, number: int, seen: str, by: User) -> LandingPage:
    """Make an older version the draft; visitors see it once it goes live. Raises ChangedSince, PageGone."""
    page = locked(page_id)
    must_be_as_seen(page, seen)
    version = page.versions.filter(number=number).first()
    if version is None:
        raise PageGone(page_id)
    page.draft = deepcopy(version.definition)
    write(page, by)
    return page


@transaction.atomic
def archive(*, page_id: int) -> LandingPage:
    """Take it off the lists, and off the web if it is live. What came through it stays. Raises PageGone."""
    page = locked(page_id)
    page.archived_at = page.archived_at or timezone.now()
    if page.state == PageState.LIVE:
        page.state = PageState.STOPPED
    page.save(update_fields=["archived_at", "state"])
    transaction.on_commit(forget_specs)
    return page


@transaction.atomic
def delete(*, page_id: int, by: User) -> LandingPage:
    """Delete an archived page: it can be restored for thirty days. What came through it stays, and goes on saying so
    in the words of its marketing context. Raises PageGone, PageRefused.
    """
    page = locked(page_id)
    if page.archived_at is None:
        raise PageRefused("It is not archived. Archive it first, so that nobody loses a page that is in use.")
    page.deleted_at, page.deleted_by = timezone.now(), by
    page.save(update_fields=["deleted_at", "deleted_by"])
    transaction.on_commit(forget_specs)
    return page


@transaction.atomic
def undelete(*, page_id: int) -> LandingPage:
    """A deleted page is archived again; one that somebody restored before stays as it is. Raises PageGone once thirty
    days are over.
    """
    page = locked(page_id, deleted=True)
    if page.deleted_at is None:
        return page
    if page.deleted_at < timezone.now() - RESTORABLE:
        raise PageGone(page_id)
    page.deleted_at = page.deleted_by = None
    page.save(update_fields=["deleted_at", "deleted_by"])
    transaction.on_commit(forget_specs)
    return page


@transaction.atomic
def bring_back(*, page_id: int) -> LandingPage:
    """Put an archived page on the lists again, stopped or a draft. Raises PageGone."""
    page = locked(page_id)
    page.archived_at = None
    page.save(update_fields=["archived_at"])
    note_forms(page)
    return page
