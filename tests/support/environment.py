"""What the processes of a Meltano project see of the caller's environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
PASSED_ON = ("CURL_CA_BUNDLE", "HOME", "LANG", "REQUESTS_CA_BUNDLE", "TMPDIR", "TZ")
KINDS = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "LC_", "NO_PROXY", "PIP_", "SSL_", "UV_")
"""Variables that are passed on, by name and by how they begin: what it takes to install a plugin. Meltano looks through
all of them for every setting, so each one more costs time."""


def inherited() -> dict[str, str]:
    """Return the caller's variables that a project's processes see: nothing of anybody's settings."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.upper().startswith(KINDS)}
    return kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
