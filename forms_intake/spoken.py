"""How a visitor is spoken to: as the landing page says where a form stands on one, else as the form does."""

from __future__ import annotations

from forms_intake.landing.languages import Words, words_of
from forms_intake.landing.live import LivePage, page_at
from forms_intake.spec import FormSpec, PageSpec


def language_at(form: FormSpec, page: PageSpec | None) -> str:
    """A key of LANGUAGES. `page` is where the form stands, if that is a landing page."""
    return _settings(page).get("language") or form.language


def words_at(form: FormSpec, page: PageSpec | None) -> Words:
    """Our words around the form, put otherwise where its page does so."""
    return words_of(language_at(form, page), _settings(page))


def title_at(form: FormSpec, page: PageSpec | None) -> str:
    """What the visitor saw it called: a page's name in lists is for those who work here."""
    return _settings(page).get("title") or (page.title if page else form.name)


def _settings(page: PageSpec | None) -> dict[str, str]:
    live = page_at(page.slug) if page else None
    return live.settings if isinstance(live, LivePage) else {}
