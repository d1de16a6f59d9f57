"""Why a scoring model cannot go live or be stopped."""

from __future__ import annotations

from collections.abc import Sequence

from leadcrm.lib.errors import DomainError
from scoring.checks.finding import Finding


class ModelNotReady(DomainError):
    """Checks found errors in the model: `findings` has them all."""

    code = "model_not_ready"
    status = 422

    def __init__(self, model: str, findings: Sequence[Finding]) -> None:
        listed = " ".join(f"{found.where}: {found.sentence}" for found in findings)
        told = [{"code": found.code, "at": found.place.position, "problem": found.sentence} for found in findings]
        super().__init__(f"{model} cannot go live. {listed}", problems=told)
        self.findings = list(findings)


class ModelNotLive(DomainError):
    """Only a live model can be stopped."""

    code = "model_not_live"

    def __init__(self, model: str) -> None:
        super().__init__(f"{model} is not live.")


class InvalidModel(DomainError):
    """A definition cannot become a scoring model. `path` is the position in it ("rules.3.points")."""

    code = "invalid_model"
    status = 422

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"At {path or 'the top'}: {problem}", path=path, problem=problem)
        self.path, self.problem = path, problem


class InvalidExpression(DomainError):
    """A readiness expression makes no sense. `path` is the position in it ("all.1.model")."""

    code = "invalid_expression"
    status = 422

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"At {path or 'the top'}: {problem}.", path=path, problem=problem)
        self.path, self.problem = path, problem


class RunIsOver(DomainError):
    """A run over every lead that came to its end, or was cancelled, can be neither paused, resumed nor cancelled."""

    code = "run_is_over"

    def __init__(self, run_id: int) -> None:
        super().__init__("Scoring every lead is over already.", id=run_id)


class ModelGone(DomainError):
    """There is no such model (any more)."""

    code = "gone"
    status = 404

    def __init__(self, model_id: int) -> None:
        super().__init__("This scoring model does not exist, or was deleted.", id=model_id)


class RuleGone(DomainError):
    """There is no such rule (any more)."""

    code = "gone"
    status = 404

    def __init__(self, rule_id: int) -> None:
        super().__init__("This rule does not exist any more: somebody removed it.", id=rule_id)


class NameTaken(DomainError):
    """Two models never have one name."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is a scoring model called {name} already.", name=name)


class ModelWasLive(DomainError):
    """What was live once is kept: scores are explained by it."""

    code = "model_was_live"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was live, so its scores and their history need it. Stop it instead.", name=name)


class ChangedSince(DomainError):
    """Someone changed the draft, or one of its rules, after this person had read it. Nothing was done."""

    code = "changed_meanwhile"

    def __init__(self, name: str, *, by: str = "") -> None:
        super().__init__(f"{by or 'Someone else'} changed {name} since you looked. Nothing was done.", name=name)
