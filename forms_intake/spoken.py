"""How a visitor is spoken to: as the landing page says where a form stands on one, else as the form does."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

from forms_intake.landing.languages import Words, words_of
from forms_intake.landing.live import LivePage, page_at
from forms_intake.models import IntakeForm, LandingPage
from forms_intake.spec.shape import FormSpec, PageSpec
from leadcrm.lib.languages import speaking

OURS = gettext_noop("Thank you. We will be in touch.")


def language_at(form: FormSpec, page: PageSpec | None) -> str:
    """A key of LANGUAGES. `page` is where the form stands, if that is a landing page."""
    return _settings(page).get("language") or form.language


def words_at(form: FormSpec, page: PageSpec | None) -> Words:
    """Our words around the form, put otherwise where its page does so."""
    return words_of(language_at(form, page), _settings(page))


def title_at(form: FormSpec, page: PageSpec | None) -> str:
    """What the visitor saw it called: a page's name in lists is for those who work here."""
    return _settings(page).get("title") or (page.title if page else form.name)


def thanks_of(form: FormSpec, language: str) -> str:
    """What the form says once it was sent; what it says as long as its maker wrote nothing is ours to translate."""
    if form.thank_you != OURS:
        return form.thank_you
    with speaking(language):
        return gettext(OURS)


def languages_in_use() -> set[str]:
    """The languages of forms and of landing pages, as their drafts say them. Two queries."""
    forms = IntakeForm.objects.order_by().values_list("language", flat=True).distinct()
    pages = LandingPage.objects.filter(deleted_at=None).order_by()
    return {*forms, *pages.values_list("draft__settings__language", flat=True).distinct()} - {None}


def _settings(page: PageSpec | None) -> dict[str, str]:
    live = page_at(page.slug) if page else None
    return live.settings if isinstance(live, LivePage) else {}
