"""`python -m demo`: the coupling at work, against both APIs as local servers.

Runs the real jobs of meltano.yml and reads the result from the books of both servers, not from the coupling's own
words. The exit code is 0 when everything holds, 1 when something does not, 2 when it can't run, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time

from demo import orders
from demo.goods import Story
from demo.running import PORTS, WORK, StoppedError, sandbox
from demo.screen import Screen

CHAPTERS = ("orders", "catalogue")


def main() -> int:
    """Run the demo."""
    options = _options()
    # A demo that is told to end takes its servers with it, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen, begun = Screen(), time.monotonic()
    rows: list[tuple[str, str]] = []
    try:
        with sandbox((options.ports[0], options.ports[1])) as box:
            shutil.rmtree(WORK, ignore_errors=True)
            WORK.mkdir()
            screen.aside(f"AFAS on {box.afas}, two shops on {box.shop}; logs in {WORK.name}/")
            if "orders" in options.only:
                rows += orders.tell(screen, box)
            if "catalogue" in options.only:
                rows += [("", "")] * bool(rows) + Story(screen, box).tell()
    except StoppedError as error:
        screen.stop(str(error))
        return 2
    except KeyboardInterrupt:
        screen.stop("\nStopped.")
        return 130
    rows.append(("", ""))
    rows.append(("Checks", f"{screen.checks - len(screen.failed)} of {screen.checks} hold"))
    for text in screen.failed[:5]:
        rows.append(("", f"✗ {text}"))
    minutes, seconds = divmod(round(time.monotonic() - begun), 60)
    good = not screen.failed
    words = "Everything agrees" if good else "Something differs"
    screen.frame(f"{words} ({minutes} min {seconds} s)", rows, good=good)
    return 0 if good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description="The coupling at work.")
    parser.add_argument("--only", choices=CHAPTERS, nargs="+", default=CHAPTERS, help="tell these chapters alone")
    parser.add_argument(
        "--ports",
        type=int,
        nargs=2,
        default=PORTS,
        metavar=("AFAS", "SHOP"),
        help="default %(default)s; 0 takes a free one",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
