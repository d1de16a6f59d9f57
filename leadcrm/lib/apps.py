from django.apps import AppConfig

from leadcrm.lib import lookups


class LibConfig(AppConfig):
    """Loads what has to be registered once: the array lookup."""

    name = "leadcrm.lib"
    label = "lib"
    lookups = lookups
