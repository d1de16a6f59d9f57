"""A few overrides of the one settings file; everything else is as in production."""

import atexit
import os
import shutil
import tempfile

from tests import servers

servers.ensure()

from leadcrm.settings import *  # noqa: E402, F403

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
FORM_DEFINITION_SECONDS = 0
FORM_POSTS_PER_MINUTE = 1_000_000
FORM_ADDRESS_PER_HOUR = FORM_TOTAL_PER_HOUR = 1_000_000
HITS_PER_MINUTE = 1_000_000
SIGN_INS_PER_MINUTE = 1_000_000
FORM_MIN_MILLISECONDS = 0
ATTACHMENTS_FOLDER = tempfile.mkdtemp(prefix="leadcrm-attachments-")
atexit.register(shutil.rmtree, ATTACHMENTS_FOLDER, ignore_errors=True)
# A worker that tests start shares it, so it is named to that by the environment.
if "LEADCRM_TEST_IMPORTS" not in os.environ:
    os.environ["LEADCRM_TEST_IMPORTS"] = tempfile.mkdtemp(prefix="leadcrm-imports-")
    atexit.register(shutil.rmtree, os.environ["LEADCRM_TEST_IMPORTS"], ignore_errors=True)
IMPORTS_FOLDER = os.environ["LEADCRM_TEST_IMPORTS"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
