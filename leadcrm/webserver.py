"""Settings of gunicorn; it reads this module's names."""

from __future__ import annotations

import gc
import os
import signal
from typing import Any

from leadcrm.embedded.processes import die_with_parent
from leadcrm.lib.sending import listens

worker_class = "sync"
preload_app = True  # loaded once and shared: half the memory, and the second worker starts at once
timeout = 60
graceful_timeout = 5
backlog = 2048
max_requests = 0
accesslog = None  # leadcrm.lib.middleware.RequestLog writes one line a request
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112
limit_request_line = 8190


def when_ready(server: Any) -> None:
    """What was loaded is left alone by the garbage collection of workers, which would copy it by looking at it."""
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A worker whose master was killed ends at once instead of at its next look around; one that sends a long file is
    not taken for one that hangs.
    """
    listens(worker.notify)
    die_with_parent(signal.SIGKILL, parent=worker.ppid)
