"""The `leadcrm` program. Loading its command takes time: until that is done, Ctrl-C just ends it."""

from __future__ import annotations

import signal
import sys

_asked = signal.getsignal(signal.SIGINT)
if _asked is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from leadcrm.command import answer_command_line  # noqa: E402

signal.signal(signal.SIGINT, _asked)


def main() -> int:
    """Answer the command line; the exit code."""
    return answer_command_line()


if __name__ == "__main__":
    sys.exit(main())
