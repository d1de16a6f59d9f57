"""Why a scoring model cannot go live or be stopped."""

from __future__ import annotations

from leadcrm.lib.errors import DomainError


class ModelNotReady(DomainError):
    """The model has faults. `problems` lists (rule name or part of the model, what is wrong with it)."""

    code = "model_not_ready"
    status = 422

    def __init__(self, model: str, problems: list[tuple[str, str]]) -> None:
        listed = "; ".join(f"{where}: {what}" for where, what in problems)
        super().__init__(f"{model} cannot go live. {listed}", problems=problems)
        self.problems = problems


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
