"""The form of a stage's menu: those of a lead's own fields that its process shows there."""

from __future__ import annotations

from typing import Any, ClassVar

from contacts.forms import CUSTOM, RecordForm
from contacts.models import Entity
from leads.models import Lead
from leads.stage_fields import EDITED
from leads.stages import ORDER, Stage


class StageForm(RecordForm):
    """Nothing is required here: what is missing stands before the next stage, not before saving the rest."""

    model = Lead
    entity = Entity.LEAD
    names = EDITED
    stage: ClassVar[Stage]

    def __init__(self, *args: Any, record: Lead, **more: Any) -> None:
        super().__init__(*args, record=record, **more)
        settings = record.stages.of(self.stage)
        self.heading = f"{settings.name}: {record}"
        shown = [field.name.replace("custom.", CUSTOM, 1) for field in settings.fields]
        # What this person was shown stays there though the process, or the lead's process, was changed meanwhile.
        shown += [name for name in self.seen_names() if name not in shown]
        for name in self.shown:
            if name not in shown:
                del self.fields[name]
            elif name.startswith(CUSTOM) and self.initial.get(name) in (None, "", []):
                self.fields[name].required = False
        self.order_fields(shown)
        self.remember()

    def seen_names(self) -> list[str]:
        """The fields on the page that was posted, in no order but theirs."""
        return list(self.seen_values()) if self.is_bound and self.says_what_was_seen else []


def form_of(stage: Stage) -> type[StageForm]:
    """The form of one stage's menu."""

    class Form(StageForm):
        pass

    Form.stage = stage
    return Form


STAGE_FORMS = {stage.value: form_of(stage) for stage in ORDER}
