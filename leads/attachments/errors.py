"""Why a file is refused."""

from __future__ import annotations

from typing import ClassVar

from leadcrm.lib.errors import DomainError


class AttachmentRefused(DomainError):
    """A file cannot be attached; the words say why and what would do."""

    code = "attachment_refused"
    status: ClassVar[int] = 422


class AttachmentNotYours(DomainError):
    """Who added a file deletes it, or who manages."""

    code = "attachment_not_yours"
    status: ClassVar[int] = 403

    def __init__(self, attachment_id: int) -> None:
        super().__init__("Who added a file deletes it, or who manages.", attachment_id=attachment_id)


class FileLost(DomainError):
    """The row is there and its file is not: a folder that was not restored, or not shared."""

    code = "file_lost"
    status: ClassVar[int] = 410

    def __init__(self, attachment_id: int) -> None:
        words = (
            "This file is not where it was kept. An administrator can bring it back from a backup of the data folder."
        )
        super().__init__(words, attachment_id=attachment_id)
