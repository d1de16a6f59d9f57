"""Facts told to other systems: signed, in order, again and again until they are taken."""
