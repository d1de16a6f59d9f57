"""A few overrides of the one settings file; everything else is as in production."""

import os
import re

from tests import servers

servers.ensure()
_parallel = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
if _parallel and os.environ["REDIS_URL"].startswith("unix:"):
    # Processes that run tests side by side have a database each, here as in PostgreSQL.
    os.environ["REDIS_URL"] = re.sub(r"db=\d+", f"db={int(_parallel[1]) + 1}", os.environ["REDIS_URL"])

from leadcrm.settings import *  # noqa: E402, F403

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
FORM_DEFINITION_SECONDS = 0
FORM_POSTS_PER_MINUTE = 1_000_000
SIGN_INS_PER_MINUTE = 1_000_000
FORM_MIN_MILLISECONDS = 0
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
