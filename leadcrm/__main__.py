"""The `leadcrm` program."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Load the command and answer it. Until it is loaded there is nothing to clean up, and Ctrl-C simply ends us."""
    ours = signal.getsignal(signal.SIGINT)
    if ours is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from leadcrm.command import answer_command_line  # noqa: PLC0415  (loading it is what takes time)

    signal.signal(signal.SIGINT, ours)
    return answer_command_line()


if __name__ == "__main__":
    sys.exit(main())
