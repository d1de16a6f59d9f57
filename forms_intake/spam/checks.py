"""The checks there are, and what each does as shipped. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from forms_intake.models.spam import Does


@dataclass(frozen=True)
class Check:
    """`words` say what it looks for, `does` what follows as shipped."""

    code: str
    name: str
    words: str
    does: Does


CHECKS = (
    Check("honeypot", "A field that nobody sees", "It was filled in.", Does.ASIDE),
    Check("quick", "Too quick", "It came back sooner after the form was shown than anybody types.", Does.ASIDE),
    Check("captcha", "Captcha", "The form asks for one, and it was missing or wrong.", Does.ASIDE),
    Check("unchecked", "Captcha not checked", "Its service did not answer: nobody is to suffer for that.", Does.NOTE),
    Check("heard", "Heard without a captcha", "The form asks for one, and forms of others have none.", Does.NOTE),
    Check("links", "Links in names", "A name or job title holds a web address, a company the code of one.", Does.ASIDE),
    Check("text", "The same text again", "The same long text came more than ten times in a day.", Does.ASIDE),
    Check("disposable", "Disposable address", "Its mail domain hands out addresses for minutes.", Does.NOTE),
    Check("old", "Shown long ago", "It was shown more than two days before it was sent.", Does.NOTE),
    Check("worn", "Shown once, sent often", "What was shown once was sent over twenty times in a day.", Does.NOTE),
    Check("address", "Many from one place", "One address sent unusually many posts in an hour.", Does.NOTE),
    Check("busy", "Many at once", "The form got unusually many posts within an hour.", Does.NOTE),
)  # fmt: skip
BY_CODE = {check.code: check for check in CHECKS}
