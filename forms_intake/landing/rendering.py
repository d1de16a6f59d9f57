"""Drawing a page: its blocks in order, in its theme. Nothing here touches a session, and nothing typed becomes HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from forms_intake.landing.blocks import COLUMNS, KINDS, LINKS
from forms_intake.landing.definition import Block, Variant
from forms_intake.landing.languages import FROM_THE_RIGHT, words_of
from forms_intake.landing.live import ImageSpec, LivePage
from forms_intake.landing.markup import marked, safe_link
from forms_intake.landing.themes import THEMES
from forms_intake.looks.form import FormView, form_view
from forms_intake.looks.policy import allow_captcha, allow_redirect
from forms_intake.spec.shape import FormSpec, PageSpec

TO_FORM = "#form"


@dataclass(frozen=True)
class Picture:
    image: ImageSpec
    alt: str
    is_first: bool = False


@dataclass
class Drawn:
    """A block as its template shows it. `beside` is the form that stands in the same row."""

    kind: str
    said: Block
    is_top: bool = False
    html: str = ""
    picture: Picture | None = None
    items: list[dict[str, Any]] = field(default_factory=list)
    link: str = ""
    beside: Drawn | None = None

    @property
    def template(self) -> str:
        return KINDS[self.kind].template

    @property
    def ground(self) -> str:
        return "tint" if self.said.get("ground") == "tint" else "plain"


@dataclass(frozen=True)
class Asked:
    """What a visit brings along: as `form_view` takes it. `base` is the address of this server."""

    base: str = ""
    tags: dict[str, str] | None = None
    who: str = ""
    typed: dict[str, Any] | None = None
    errors: dict[str, list[str]] | None = None
    said: Mapping[str, str] | None = None
    """What the page's address says by name."""
    letter: str = ""
    """Of the variant, where the page is under test: goes along with the form."""


def page_response(
    live: LivePage, variant: Variant, form: FormSpec | None, asked: Asked, *, status: int = 200
) -> HttpResponse:
    """The page as visitors see it; `form` is what its form block shows, None without one."""
    view = None
    if form is not None:
        block = _form_block(variant)
        view = form_view(
            form,
            # What is remembered of the form may be a moment older than the page.
            page=form.page(live.slug) or PageSpec(live.id, live.slug, live.settings["title"], form.context),
            button=block.get("button", ""),
            typed=asked.typed,
            errors=asked.errors,
            tags=asked.tags,
            who=asked.who,
            said=asked.said,
            letter=asked.letter,
            language=live.settings["language"],
            words=words_of(live.settings["language"], live.settings),
        )
    response = HttpResponse(html_of(live, variant, view, base=asked.base), status=status)
    if form is not None:
        allow_redirect(response, form.redirect_url)
        allow_captcha(response, form)
    return response


def html_of(
    live: LivePage,
    variant: Variant,
    view: FormView | None,
    *,
    base: str = "",
    preview: bool = False,
    dark: bool = False,
) -> str:
    """The whole document. A preview goes nowhere, and tells nobody to look at it; `dark`: as on a dark device."""
    drawn = drawn_blocks(live, variant, has_form=view is not None)
    footer = drawn.pop() if drawn and drawn[-1].kind == "footer" else None
    said = live.settings
    address = base + reverse("forms_intake:page", args=[live.slug])
    context = {
        "live": live,
        "theme": THEMES.get(variant["theme"]) or next(iter(THEMES.values())),
        "blocks": drawn,
        "footer": footer,
        "has_hero": any(one.is_top for one in drawn),
        "view": view,
        "problems": view.problems if view else 0,
        "title": said["title"],
        "description": said["description"],
        "social_title": said["social_title"] or said["title"],
        "social_description": said["social_description"] or said["description"],
        "social_image": live.images.get(said["social_image"] or 0),
        "canonical": safe_link(said["canonical"]) or address,
        "noindex": said["noindex"] or preview,
        "address": address,
        "base": base,
        "preview": preview,
        "dark": dark,
        "follows": said["dark"],
        "language": said["language"],
        "from_the_right": said["language"] in FROM_THE_RIGHT,
        "words": words_of(said["language"], said),
        "workspace": settings.WORKSPACE_NAME,
    }
    return render_to_string("forms_intake/landing/page.html", context)


def drawn_blocks(live: LivePage, variant: Variant, *, has_form: bool) -> list[Drawn]:
    """The blocks in order; a form that stands beside another is in that one."""
    found: list[Drawn] = []
    has_top = has_picture = False
    for block in variant["blocks"]:
        if block["kind"] not in KINDS or (block["kind"] == "form" and not has_form):
            continue
        said = KINDS[block["kind"]].begins | block
        one = _drawn(said, live, is_top=said["kind"] == "hero" and not has_top, is_first=not has_picture)
        has_top, has_picture = has_top or one.is_top, has_picture or one.picture is not None
        if one.kind == "hero" and not one.link and said["button"] and has_form:
            one.link = TO_FORM
        fits = found and found[-1].kind in ("hero", "text") and found[-1].beside is None
        if one.kind == "form" and said["beside"] and fits:
            found[-1].beside = one
        else:
            found.append(one)
    return found


def _drawn(said: Block, live: LivePage, *, is_top: bool, is_first: bool) -> Drawn:
    one = Drawn(kind=said["kind"], said=said, is_top=is_top, picture=_picture(said, live, "", is_first))
    one.html = marked(said.get("text") or "")
    one.link = safe_link(said.get("link") or "")
    if one.kind == "columns":
        for number in COLUMNS:
            title, html = said[f"title_{number}"], marked(said[f"body_{number}"])
            picture = _picture(said, live, f"_{number}", False)
            if title or html or picture:
                one.items.append({"title": title, "html": html, "picture": picture})
    if one.kind == "footer":
        for number in LINKS:
            label, link = said[f"label_{number}"], safe_link(said[f"link_{number}"])
            if label and link:
                one.items.append({"label": label, "link": link})
    return one


def _picture(said: Block, live: LivePage, suffix: str, is_first: bool) -> Picture | None:
    image = live.images.get(said.get(f"image{suffix}") or 0)
    return Picture(image, said.get(f"alt{suffix}") or "", is_first) if image else None


def _form_block(variant: Variant) -> Block:
    return next((block for block in variant["blocks"] if block["kind"] == "form"), {})
