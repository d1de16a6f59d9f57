"""How much of the files of one request is kept while it is read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class NoMoreThanTaken(FileUploadHandler):
    """Stands before Django's handlers and drops what comes beyond the largest file any page takes, so that nobody fills
    the disk of a server, signed in or not. What is kept is then larger than that, and the page refuses it by its size.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.seen > settings.LARGEST_UPLOAD_BYTES:
            return None
        self.seen += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind make the file."""
        return
