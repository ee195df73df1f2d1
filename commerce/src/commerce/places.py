"""Where a file of settings says something, so that a message can name the line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import yaml  # type: ignore[import-untyped]  # its types are a package of their own, not worth one import

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 3
"""Lines that a message names."""


def project_file() -> Path | None:
    """The ``meltano.yml`` of the project that Meltano runs; None outside of one."""
    root = os.environ.get("MELTANO_PROJECT_ROOT")
    return Path(root) / "meltano.yml" if root else None


def line_of(file: Path | None, setting: str, text: str) -> str:
    """Where a file says a text within a setting, wherever in the file that setting stands.

    Args:
        file: YAML or JSON; None: there is none.
        setting: A dotted path, such as ``attributes.0``.
        text: A part of what the setting says, such as a label.

    Returns:
        `` (meltano.yml line 12)``; "" when that can't be told.
    """
    if file is None:
        return ""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeError, yaml.YAMLError):
        return ""
    marks = {one for node in _every(root) for found in _below(node, setting) for one in _lines(found, text)}
    return f" ({file.name} line {', '.join(map(str, sorted(marks)[:_MOST]))})" if marks else ""


def _every(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """A node and all below it."""
    if node is None:
        return
    yield node
    for inner in _inner(node):
        yield from _every(inner)


def _inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _below(node: yaml.Node, path: str) -> Iterator[yaml.Node]:
    """What stands at a path below a node. Names may hold dots themselves (``brand.name``)."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == path:
                yield value
            elif path.startswith(f"{key.value}."):
                yield from _below(value, path[len(key.value) + 1 :])
    elif isinstance(node, yaml.SequenceNode):
        head, _, rest = path.partition(".")
        if head.isdigit() and int(head) < len(node.value):
            one = node.value[int(head)]
            yield from _below(one, rest) if rest else iter((one,))


def _lines(node: yaml.Node, text: str) -> Iterator[int]:
    """Lines of the values below a node that hold a text."""
    for one in _every(node):
        if isinstance(one, yaml.ScalarNode) and text in one.value:
            yield one.start_mark.line + 1
