"""What the engine wrote: versions, scores, their history and runs. To look at only."""

from __future__ import annotations

import difflib
import json

from django.contrib import admin
from django.utils.html import format_html

from leadcrm.lib.admin import LookOnly, as_json
from scoring.models import LeadScore, ModelVersion, RescoreRun, ScoreChange


def _lines(version: ModelVersion | None) -> list[str]:
    return json.dumps(version.definition, indent=2, ensure_ascii=False).splitlines() if version else []


@admin.register(ModelVersion)
class ModelVersionAdmin(LookOnly):
    list_display = ("__str__", "model", "number", "created_at", "created_by")
    list_filter = ("model",)
    list_select_related = ("model", "created_by")
    readonly_fields = ("model", "number", "created_by", "created_at", "changes", "definition_shown")
    fields = readonly_fields
    definition_shown = as_json("definition")

    @admin.display(description="unlike the version before")
    def changes(self, version: ModelVersion) -> str:
        before = ModelVersion.objects.filter(model=version.model_id, number=version.number - 1).first()
        if before is None:
            return "This is the first."
        lines = list(difflib.unified_diff(_lines(before), _lines(version), lineterm="", n=2))[2:]
        return format_html('<pre class="json">{}</pre>', "\n".join(lines)) if lines else "Nothing."


@admin.register(LeadScore)
class LeadScoreAdmin(LookOnly):
    list_display = ("lead", "model", "score", "grade", "reached", "next_change_at", "computed_at")
    list_select_related = ("lead", "model")
    numbers = ("lead_id",)
    search_help_text = "The number of a lead."


@admin.register(ScoreChange)
class ScoreChangeAdmin(LookOnly):
    list_display = ("lead", "model", "previous", "score", "changed_at")
    list_select_related = ("lead", "model")
    numbers = ("lead_id",)
    search_help_text = "The number of a lead."


@admin.register(RescoreRun)
class RescoreRunAdmin(LookOnly):
    list_display = (
        "id",
        "model",
        "progress",
        "leads_scored",
        "total",
        "started_at",
        "finished_at",
        "paused_at",
        "cancelled_at",
        "acted_by",
    )
    list_select_related = ("model", "acted_by")

    @admin.display(description="progress")
    def progress(self, run: RescoreRun) -> str:
        if run.finished_at or not run.up_to_id:
            return "Done"
        return f"{min(run.after_id, run.up_to_id) * 100 // run.up_to_id} %"
