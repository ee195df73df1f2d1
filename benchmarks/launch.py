"""Starts a command, waits for it and writes down what it cost. Run as a small process of its own.

The kernel counts what the parent held when a child was forked to the child's peak, so the parent must be small.
"""

import json
import os
import sys
import time


def main() -> int:
    """`launch.py FILE COMMAND...`: FILE gets wall and CPU seconds, peak KiB and exit code as JSON."""
    report, command = sys.argv[1], sys.argv[2:]
    started = time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ)
    # It was for the child; whoever waits for the end of the pipe must not wait for us.
    os.close(0)
    os.close(1)
    _, status, usage = os.wait4(child, 0)
    cost = {
        "wall": time.monotonic() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "kib": usage.ru_maxrss,
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would double the size of this process
        json.dump(cost, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
