"""What going live would do, in words: a line for each fate that some lead has."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.rehearsal.outlook import Fate, Outlook

WORDS = {
    Fate.BECOMES: ("would become sales ready and move to Sales acceptance", ""),
    Fate.SWITCH: ("would become sales ready, but nobody does while automatic sales ready is switched off", "switches"),
    Fate.HELD: ("would, but a person cleared it: that holds until scores have said otherwise once", ""),
    Fate.PROCESS: ("would, but in their process scores make nobody sales ready", ""),
    Fate.POLICY: ("would reach the threshold, but their process asks for more than this model", ""),
    Fate.ALREADY: ("are sales ready already, and scores would say so still", ""),
    Fate.STOPS: ("are sales ready and stay so, though scores would no longer say it", ""),
    Fate.BY_HAND: ("are sales ready and stay so, though scores say it neither now nor then", ""),
}


@dataclass(frozen=True)
class Said:
    """`leads` open leads `words`. `about`: the page that decides it, "" when there is none."""

    leads: int
    words: str
    about: str = ""


def said_of(outlook: Outlook) -> list[Said]:
    """The lines, who would become ready first; that one always."""
    lines = [Said(outlook.of(fate), *words) for fate, words in WORDS.items()]
    lines += [
        Said(outlook.begins, "would leave Inquiry with their first score, unless it requires what they lack"),
        Said(outlook.released, "would be let go of: a person cleared them, and the next crossing counts again"),
    ]
    return [line for number, line in enumerate(lines) if line.leads or not number]
