"""The drawings of a rehearsal's page: which curves, over which scales, and what they say in words."""

from __future__ import annotations

from django.utils.safestring import SafeString

from leadcrm.lib.curves import Curve, Goal, Scale, lift_columns, shares, steps
from leadcrm.lib.curves import curves as drawn
from leadcrm.lib.numbers import whole
from scoring.rehearsal import curves
from scoring.rehearsal.report import Judged, Report

CHANCE = Curve("Chance", [(0, 0), (1, 1)], "plain")


def distribution(report: Report) -> SafeString:
    """How the scores of open leads are spread, in what was rehearsed and in the live version."""
    width, bins = report.bins()
    if not bins:
        return SafeString("")
    most = max(max(now, live) for _, now, live in bins) or 1
    low, high, ready = bins[0][0], bins[-1][0] + width, report.spec.threshold
    lines = [Curve("Rehearsed", steps([(begin, now) for begin, now, _ in bins], width), filled=True)]
    if report.live:
        lines.append(Curve("Live", steps([(begin, live) for begin, _, live in bins], width), "second"))
    across = Scale(low, high, [(low, whole(low)), (high, whole(high))], "score")
    up = Scale(0, most, [(0, "0"), (most, f"{most:,}")], "leads")
    said = f"Scores of open leads from {whole(low)} to {whole(high)}: {report.now.ready:,} reach {whole(ready)}"
    if report.live:
        said += f", {report.live_now.ready:,} reach the threshold of the live version"
    return drawn(lines, across, up, said=said, goal=Goal(ready, f"ready at {whole(ready)}"))


def roc(judged: Judged, live: Judged | None) -> SafeString:
    """The ROC curve, with the suggested threshold as a dot."""
    lines = [Curve("Rehearsed", curves.roc(judged.rows), filled=True), CHANCE]
    if live and live.area is not None:
        lines.append(Curve("Live", curves.roc(live.rows), "second"))
    best = judged.best
    said = f"ROC curve, area {judged.area:.2f}"
    if live and live.area is not None:
        said += f"; of the live version {live.area:.2f}"
    return drawn(
        lines,
        shares("of the disqualified that are taken"),
        shares("of the qualified that are taken"),
        said=said,
        mark=(best.false_alarms, best.recall) if best else None,
    )


def lift(judged: Judged, live: Judged | None) -> SafeString:
    """How much more often leads were won in each tenth than on the average."""
    found = curves.lift(judged.rows)
    others = curves.lift(live.rows) if live and live.area is not None else []
    said = "Won against the average, by tenths of the leads: " + ", ".join(f"{each:.1f}" for each in found)
    return lift_columns(found, others, said=said)


def precision_and_recall(report: Report) -> SafeString:
    """Both by threshold."""
    judged, threshold = report.judged, report.spec.threshold
    found = curves.by_threshold(judged.rows)
    low, high = min(found[0].threshold, threshold), max(found[-1].threshold, found[0].threshold + 1, threshold)
    lines = [
        Curve("Precision", [(step.threshold, step.precision) for step in found]),
        Curve("Recall", [(step.threshold, step.recall) for step in found], "second"),
    ]
    at = curves.at(judged.rows, threshold)
    said = f"Precision and recall by threshold; at {whole(threshold)} {at.precision:.0%} and {at.recall:.0%}"
    return drawn(
        lines,
        Scale(low, high, [(low, whole(low)), (high, whole(high))], "threshold"),
        shares("share"),
        said=said,
        goal=Goal(threshold, f"ready at {whole(threshold)}"),
    )
