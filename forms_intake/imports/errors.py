"""Why a file cannot be imported at all. What is wrong with single rows goes to the error file instead."""

from __future__ import annotations

from leadcrm.lib.errors import DomainError


class InvalidMapping(DomainError):
    """The mapping cannot be used. `path` is the position in its JSON ("lead.fields.topic"), `problem` what is wrong."""

    code = "invalid_mapping"
    status = 422

    def __init__(self, path: str, problem: str) -> None:
        where = f"At {path}" if path else "In this mapping"
        super().__init__(f"{where}: {problem}.", path=path, problem=problem)
        self.path, self.problem = path, problem


class UnreadableFile(DomainError):
    """The file cannot be opened, or has no header line."""

    code = "unreadable_file"
    status = 422

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} cannot be imported: {problem}.", file=name, problem=problem)
        self.problem = problem


class ImportBlocked(DomainError):
    """Other writers were in the way of one chunk again and again; what came before it is imported. Import it again."""

    code = "import_blocked"

    def __init__(self, line: int) -> None:
        super().__init__(f"Others kept changing the same people. Import the file again from line {line}.", line=line)
        self.line = line


class Overtaken(Exception):
    """These records are dealt with already, or the import was stopped meanwhile: nothing of them was written."""


class Gone(DomainError):
    """What every row of an import points to was deleted while it ran: a campaign, a product... `what` says which."""

    code = "import_gone"

    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} that this import names was deleted meanwhile.", what=what)
        self.what = what


class NotNow(DomainError):
    """What was asked of an import does not fit how far it is."""

    code = "import_not_now"

    def __init__(self, words: str) -> None:
        super().__init__(words)
