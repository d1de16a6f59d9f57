"""What the door refuses, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from leadcrm.lib.errors import DomainError


class PostRefused(DomainError):
    """A post that is not taken. `retry_after` in seconds, where trying again helps.

    `words` may name figures as %(name)s, which `figures` gives.
    """

    retry_after: int = 0
    language: str = ""
    """Of the form it is about, once that is known."""

    def __init__(self, words: str, *, figures: Mapping[str, object] | None = None, **data: Any) -> None:
        super().__init__(words % figures if figures else words, **data)
        self.words, self.figures = words, figures

    @property
    def spoken(self) -> str:
        """The message in the language that is spoken."""
        words = gettext(self.words)
        return words % self.figures if self.figures else words


class NotParseable(PostRefused):
    code = "not_parseable"
    status = 400

    def __init__(self, problem: str) -> None:
        super().__init__(gettext_noop("This could not be read: %(problem)s."), figures={"problem": problem})


class OriginRefused(PostRefused):
    """A page that is not on the form's list of origins."""

    code = "origin_refused"
    status = 403

    def __init__(self, origin: str) -> None:
        super().__init__(
            gettext_noop("This form may not be used on %(origin)s."), figures={"origin": origin}, origin=origin
        )


class UnknownForm(PostRefused):
    code = "unknown_form"
    status = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("There is no form here."))


class UnknownPage(PostRefused):
    code = "unknown_page"
    status = 404

    def __init__(self) -> None:
        super().__init__(gettext_noop("There is no page here."))


class FormClosed(PostRefused):
    code = "closed"
    status = 410

    def __init__(self, words: str = "") -> None:
        super().__init__(words or gettext_noop("This form is closed and takes no more answers."))


class PageStopped(PostRefused):
    code = "page_stopped"
    status = 410

    def __init__(self, words: str = "") -> None:
        super().__init__(words or gettext_noop("This page is no longer here. Thank you for coming by."))


class LengthMissing(PostRefused):
    code = "length_missing"
    status = 411

    def __init__(self) -> None:
        super().__init__(gettext_noop("Send it whole, with its length: a post in chunks is not taken."))


class TooLarge(PostRefused):
    code = "too_large"
    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(
            gettext_noop("This is too large; at most %(most)s KB can be sent."),
            figures={"most": most // 1024},
            most_bytes=most,
        )


class TooMany(PostRefused):
    code = "too_many"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            gettext_noop("Too many posts from one place. Please try again in %(seconds)s seconds."),
            figures={"seconds": retry_after},
            retry_after=retry_after,
        )
        self.retry_after = retry_after


class OutOfService(PostRefused):
    """The database does not answer, so nothing can be kept."""

    code = "out_of_service"
    status = 503
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(gettext_noop("We cannot take this right now. Please send it again in a moment."))


class CannotProcess(DomainError):
    """A submission that cannot become a contact and a lead as it stands; the message tells people why."""

    code = "cannot_process"
    status = 422


class NotRetriable(DomainError):
    """It is not what the page showed: somebody else was first (`last` says who and what), or it is waiting."""

    code = "not_retriable"

    def __init__(self, submission_id: int, state: str, last: str = "") -> None:
        who = f" {last}." if last else ""
        super().__init__(
            f"This submission cannot be retried: it is {state} now.{who}", id=submission_id, state=state, last=last
        )


class NotMailed(DomainError):
    """The letter that asks a person to confirm does not go now."""

    code = "not_mailed"


class CannotOverwrite(DomainError):
    """What a submission wrote cannot be corrected where it is; it can be run as new."""

    code = "cannot_overwrite"

    def __init__(self, submission_id: int, reason: str) -> None:
        super().__init__(f"It cannot be corrected in place: {reason} Run it as new instead.", id=submission_id)


class FormGone(DomainError):
    code = "form_gone"
    status = 404

    def __init__(self, form_id: int) -> None:
        super().__init__("There is no such form, or no such field in it, any more.", id=form_id)


class ChangedSince(DomainError):
    """What a page showed is not what is stored now."""

    code = "changed_since"

    def __init__(self, what: str, by: str) -> None:
        who = by or "Somebody"
        super().__init__(f"{who} changed {what} while you were looking at it. Nothing was done; look at it again.")


class NotReady(DomainError):
    """A form that checks keep from going live."""

    code = "not_ready"
    status = 422

    def __init__(self, problems: list[str]) -> None:
        super().__init__("It cannot go live yet: " + " ".join(problems), problems=problems)


class PageGone(DomainError):
    code = "page_gone"
    status = 404

    def __init__(self, page_id: int) -> None:
        super().__init__("There is no such page, or no such block on it, any more.", id=page_id)


class PageNotReady(DomainError):
    """A page that checks keep from going live."""

    code = "page_not_ready"
    status = 422

    def __init__(self, problems: list[str]) -> None:
        super().__init__("It cannot go live yet: " + " ".join(problems), problems=problems)


class PageRefused(DomainError):
    """Something a page cannot do as it is; the words say what to do first."""

    code = "page_refused"


class ImageInUse(DomainError):
    """An image that pages use, so that it cannot be deleted; the words name them."""

    code = "image_in_use"

    def __init__(self, name: str, pages: list[str]) -> None:
        more = f" and {len(pages) - 10:,} more" if len(pages) > 10 else ""
        super().__init__(f"{name} stays: it is used by {', '.join(pages[:10])}{more}.", pages=pages)


class ImageRefused(DomainError):
    """A picture that is not taken; the words say why and what would do."""

    code = "image_refused"
    status = 422
