"""The form of suggested points and threshold: what is suggested, what a person typed instead, what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.datastructures import MultiValueDict

from scoring.definition import POINTS_LIMIT, SCORE_LIMIT
from scoring.rehearsal.report import Report
from scoring.rehearsal.suggest import Proposal

LONGEST = 12
Posted = MultiValueDict[str, str]


@dataclass(frozen=True)
class Typed:
    """A whole number as a person left it: its text, whether it is chosen, what is wrong with it ("": nothing)."""

    text: str
    chosen: bool
    problem: str = ""

    @property
    def number(self) -> int:
        """Only where there is no problem."""
        return int(self.text)


@dataclass(frozen=True)
class Line:
    """A rule of the form."""

    proposal: Proposal
    typed: Typed


@dataclass(frozen=True)
class SuggestedForm:
    """`threshold` goes with the lines; `alone` is the one that goes with the points of the draft as they are."""

    lines: list[Line]
    threshold: Typed
    alone: Typed

    @property
    def chosen(self) -> list[Line]:
        return [line for line in self.lines if line.typed.chosen]

    @property
    def problem(self) -> str:
        """What keeps points and threshold from being taken over together."""
        if not self.chosen and not self.threshold.chosen:
            return "Choose the rules whose points you want to take over."
        if any(typed.problem for typed in (self.threshold, *(line.typed for line in self.chosen))):
            return "Nothing was taken over: some of it cannot be read."
        return ""


def suggested_form(report: Report) -> SuggestedForm:
    """As it is suggested: chosen is what has evidence and would change something."""
    suggestion, best, now = report.suggestion, report.judged.best, report.spec.threshold
    lines = []
    goes_along = suggestion.threshold if suggestion else None
    for one in suggestion.proposals if suggestion else ():
        lines.append(Line(one, Typed(str(one.proposed), one.has_evidence and one.proposed != one.now)))
    threshold = Typed(str(now if goes_along is None else goes_along), goes_along is not None and goes_along != now)
    return SuggestedForm(lines, threshold, Typed(str(best.threshold if best else now), chosen=True))


def points_form(report: Report, posted: Posted) -> SuggestedForm:
    """As it was sent with points."""
    form = suggested_form(report)
    lines = [Line(line.proposal, _typed(posted, str(line.proposal.rule_id), "points")) for line in form.lines]
    return SuggestedForm(lines, _typed(posted, "threshold", "new"), form.alone)


def threshold_form(report: Report, posted: Posted) -> SuggestedForm:
    """As it was sent with a threshold alone."""
    form = suggested_form(report)
    text = _text(posted, "threshold")
    return SuggestedForm(form.lines, form.threshold, Typed(text, True, _problem(text, SCORE_LIMIT)))


def _typed(posted: Posted, what: str, prefix: str) -> Typed:
    text, chosen = _text(posted, f"{prefix}-{what}"), f"take-{what}" in posted
    limit = SCORE_LIMIT if what == "threshold" else POINTS_LIMIT
    return Typed(text, chosen, _problem(text, limit) if chosen else "")


def _text(posted: Posted, name: str) -> str:
    return posted.get(name, "").strip().replace("−", "-")


def _problem(text: str, limit: int) -> str:
    try:
        fits = len(text) <= LONGEST and abs(int(text)) <= limit
    except ValueError:
        fits = False
    return "" if fits else f"A whole number from −{limit} to {limit}"
