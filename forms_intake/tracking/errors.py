"""What tracking refuses, by name."""

from __future__ import annotations

from forms_intake.errors import PostRefused
from leadcrm.lib.errors import DomainError


class UnknownSite(PostRefused):
    code = "unknown_site"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no website here.")


class NotYourSite(PostRefused):
    """The page that asks is none of the website's."""

    code = "not_your_site"
    status = 403

    def __init__(self) -> None:
        super().__init__("Pages of this origin are not part of the website.")


class WebsiteGone(DomainError):
    code = "website_gone"
    status = 404

    def __init__(self, website_id: int) -> None:
        super().__init__("There is no such website, or no such rule of it, any more.", id=website_id)
