"""``python -m commerce schemas FOLDER`` writes the JSON schema of every commerce stream."""

import sys
from pathlib import Path

from commerce.schemas import write


def main(arguments: list[str]) -> int:
    """Write the schemas.

    Args:
        arguments: ``schemas`` and a folder that exists.

    Returns:
        The exit code.
    """
    if len(arguments) != 2 or arguments[0] != "schemas" or not Path(arguments[1]).is_dir():
        sys.stderr.write("usage: python -m commerce schemas FOLDER\n")
        return 2
    for file in write(Path(arguments[1])):
        sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
