"""The threshold and the grades, beside the scores that the rules can add up to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from leadcrm.lib.numbers import whole
from scoring.checks.finding import GRADES, THRESHOLD, Finding, Part, Place, at_grade, error, warning
from scoring.definition import SCORE_LIMIT, GradeSpec, ModelSpec
from scoring.models import Axis, Category
from scoring.reach import Range, at_rest, reach_of

HALVES = {Axis.SCORE: None, Axis.FIT: Category.FIT, Axis.ENGAGEMENT: Category.ENGAGEMENT}


def threshold_findings(model: ModelSpec, never: Collection[int]) -> Iterator[Finding]:
    """`never`: the places of rules that can give nothing."""
    if abs(model.threshold) > SCORE_LIMIT:
        said = f"It must be from -{SCORE_LIMIT} to {SCORE_LIMIT}."
        yield error("threshold_too_large", THRESHOLD, said, "Choose another threshold")
        return
    reach, rest = reach_of(model, never=never), at_rest(model, never=never)
    least, most = reach.low, reach.high
    enough = f"and {whole(model.threshold)} is enough"
    if model.threshold <= least:
        said = f"No lead can have less than {_points(least)}, {enough}: every lead would be sales ready."
        yield error("threshold_at_zero", THRESHOLD, said, f"Raise the threshold above {whole(max(rest, least))}")
    elif model.threshold <= max(rest, 0):
        said = f"A lead for which nothing has happened has {_points(rest)}, {enough}: it would be sales ready at once."
        yield warning("threshold_at_rest", THRESHOLD, said, f"Raise the threshold above {whole(rest)}")
    elif model.rules and model.threshold > most:
        said = f"No lead can ever reach {whole(model.threshold)}: the rules give {_points(most)} at most."
        mend = f"Lower the threshold to {whole(most)}" if most > 0 else "Add rules that give points"
        yield warning("threshold_out_of_reach", THRESHOLD, said, mend)


def grades_findings(model: ModelSpec, never: Collection[int]) -> Iterator[Finding]:
    """Of the score, and of its halves."""
    grades = {Axis.SCORE: model.grades, Axis.FIT: model.fit_grades, Axis.ENGAGEMENT: model.engagement_grades}
    for axis, known in grades.items():
        places = [(at_grade(axis, index, grade), grade) for index, grade in enumerate(known[::-1])]
        reach = reach_of(model, never=never, half=HALVES[axis])
        yield from _numbers(places)
        if places and model.rules:
            yield from _gap(places, reach, axis)
            yield from _unreachable(places, reach, axis)
    if bool(model.fit_grades) != bool(model.engagement_grades):
        has, lacks = (Axis.FIT, Axis.ENGAGEMENT) if model.fit_grades else (Axis.ENGAGEMENT, Axis.FIT)
        place = Place(Part.HALF_GRADE, f"Grades of {lacks.value}", GRADES[lacks])
        said = f"There are none, but grades of {has.value}: no lead gets a grade of both, such as A1."
        yield warning("matrix_half", place, said, f"Add grades of {lacks.value}")


Places = Sequence[tuple[Place, GradeSpec]]
"""Grades with their places, the lowest first."""


def _numbers(places: Places) -> Iterator[Finding]:
    for place, grade in places:
        if abs(grade.from_score) > SCORE_LIMIT:
            said = f"It must begin from -{SCORE_LIMIT} to {SCORE_LIMIT}."
            yield error("grade_too_large", place, said, "Let it begin elsewhere")
    for (_, lower), (place, grade) in pairwise(places):
        if lower.from_score == grade.from_score:
            said = f"It begins at {whole(grade.from_score)}, and so does {lower.name}."
            yield error("grades_overlap", place, said, "Let one of them begin elsewhere")


def _gap(places: Places, reach: Range, axis: Axis) -> Iterator[Finding]:
    place, lowest = places[0]
    if lowest.from_score <= reach.low or lowest.from_score > reach.high:
        return
    if reach.is_open_below:
        said = f"{_scores(axis)} below {whole(lowest.from_score)} have no grade, and a rule takes points without end."
        yield warning("grades_gap", place, said, "Give the rules that take points a cap")
        return
    last = lowest.from_score - 1
    which = f"from {whole(reach.low)} to {whole(last)}" if last > reach.low else f"of {whole(reach.low)}"
    lacking = "no grade" if axis == Axis.SCORE else "no grade, and so only half of one in the matrix"
    mend = f"Let {lowest.name} begin at {whole(reach.low)}"
    yield warning("grades_gap", place, f"{_scores(axis)} {which} have {lacking}.", mend)


def _unreachable(places: Places, reach: Range, axis: Axis) -> Iterator[Finding]:
    for place, grade in places:
        if grade.from_score > reach.high:
            said = (
                f"No lead can reach {whole(grade.from_score)}: the {_rules(axis)} give {_points(reach.high)} at most."
            )
            mend = f"Let it begin at {whole(reach.high)} or below" if reach.high > 0 else "Add rules that give points"
            yield warning("grade_out_of_reach", place, said, mend)
    for (place, _), (_, above) in pairwise(places):
        if above.from_score <= reach.low:
            said = f"No lead gets it: the least is {_points(reach.low)}, and from {whole(above.from_score)} on it is"
            yield warning("grade_never_given", place, f"{said} {above.name}.", "Remove it")


def _scores(axis: Axis) -> str:
    return "Scores" if axis == Axis.SCORE else f"Scores of {axis.value}"


def _rules(axis: Axis) -> str:
    return "rules" if axis == Axis.SCORE else f"rules of {axis.value}"


def _points(number: int) -> str:
    return f"{whole(number)} point{'' if abs(number) == 1 else 's'}"
