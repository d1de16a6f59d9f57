"""The Celery application. Messages are doorbells; the sweeps below find whatever a lost message left behind."""

from __future__ import annotations

import gc
import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun, worker_before_create_process, worker_process_init

from leadcrm.embedded.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings")

app = Celery("leadcrm")
app.set_default()  # for every thread: the current app is otherwise known to this one only
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["scoring.rehearsal"])


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Django has set logging up already; Celery must not replace it."""


@task_prerun.connect
def bind_task(task_id: str, task: Any, **_: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)


@task_postrun.connect
def unbind_task(**_: Any) -> None:
    structlog.contextvars.clear_contextvars()


@worker_before_create_process.connect
def share_what_is_loaded(**_: Any) -> None:
    """What is loaded before a worker's process begins is no garbage: looking for some would copy all of it there."""
    gc.collect()
    gc.freeze()


@worker_process_init.connect
def leave_with_the_worker(**_: Any) -> None:
    """A killed worker takes its processes along; what they worked on is claimed again by the next one."""
    die_with_parent()
