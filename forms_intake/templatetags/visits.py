"""The script of our own website, for pages of ours that visitors see."""

from __future__ import annotations

from django import template

from forms_intake.tracking.own import own_site

register = template.Library()


@register.inclusion_tag("forms_intake/tracking/own.html")
def visits_script() -> dict[str, str]:
    """The script and the question whether the visit may be remembered; nothing where no website lists our address."""
    return {"public_id": own_site()}
