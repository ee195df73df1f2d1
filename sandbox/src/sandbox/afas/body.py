"""Bodies of UpdateConnector calls, in every form that is accepted, as one tree of nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sandbox.afas.messages import Label, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.afas.schema import WriteObject

Action = Literal["insert", "update", "delete"]
_ACTIONS: dict[str, Action] = {"insert": "insert", "update": "update", "delete": "delete"}


@dataclass(slots=True)
class Node:
    """One element of a body.

    Attributes:
        spec: What its object accepts.
        action: What to do with it.
        given: The action stood in the body (else it follows from the verb).
        raw: Fields and keys as sent, by code.
        values: The same as values of their types, after the checks; a cleared field is None.
        children: Elements below it, by object name.
    """

    spec: WriteObject
    action: Action
    given: bool
    raw: dict[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    children: dict[str, list[Node]] = field(default_factory=dict)

    def below(self, name: str) -> list[Node]:
        """The elements of a sub-object."""
        return self.children.get(name, [])

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents first."""
        yield self
        for nodes in self.children.values():
            for node in nodes:
                yield from node.walk()

    def text(self, code: str) -> str | None:
        """A checked value as text, or None."""
        value = self.values.get(code)
        return None if value is None else str(value)


def parse(value: Any, root: WriteObject, verb: str, sub: str = "", *, ignore_unknown: bool = False) -> list[Node]:
    """A body as nodes.

    Args:
        value: The JSON value.
        root: The connector's root object.
        verb: POST, or PUT; without an action of its own an element follows it.
        sub: Sub-object of a POST path: then the main record is updated and what lies below it inserted.
        ignore_unknown: Leave out objects that the connector does not have, instead of refusing them.

    Raises:
        Problem: another structure, or an object that the connector does not have.
    """
    if not isinstance(value, dict) or len(value) != 1:
        raise Problem("bad_body", value=root.name)
    ((name, content),) = value.items()
    if name.casefold() != root.name.casefold():
        raise Problem("bad_body", value=name)
    default: Action = "insert" if verb == "POST" else "update"
    nodes = [
        _node(one, root, "update" if sub else default, default, ignore_unknown) for one in _elements(content, name)
    ]
    if not nodes or (sub and not any(node.below(sub) for node in nodes)):
        raise Problem("bad_body", value=sub or name)
    return nodes


def _elements(content: Any, name: str) -> Iterator[Mapping[str, Any]]:
    if content is None:  # official examples have sub-objects that are null
        return
    for part in content if isinstance(content, list) else [content]:
        if not isinstance(part, dict) or "Element" not in part:
            raise Problem("bad_body", value=name)
        elements = part["Element"]
        for element in elements if isinstance(elements, list) else [elements]:
            if not isinstance(element, dict):
                raise Problem("bad_body", value=name)
            yield element


def _node(element: Mapping[str, Any], spec: WriteObject, action: Action, below: Action, ignore: bool) -> Node:
    said: Any = None
    raw: dict[str, Any] = {}
    for key, value in element.items():
        if key.casefold() == "@action":
            said = value
        elif key.startswith("@"):
            raw[key[1:]] = value
        elif key not in {"Fields", "Objects"}:
            raise Problem("unknown_field", value=key, thing=Label(spec.name, spec.name))
    for code, value in _fields(element.get("Fields", ""), spec.name).items():
        if code.casefold() == "@action":
            said = value if said is None else said
        elif code not in raw or raw[code] in ("", None):
            raw[code] = value
    given = said is not None
    if given:
        word = str(said).strip().casefold()
        if word not in _ACTIONS:
            raise Problem("bad_body", value="@Action")
        action = _ACTIONS[word]
    node = Node(spec, action, given, raw)
    for name, content in _objects(element.get("Objects", []), spec.name):
        child = spec.children.get(name)
        if child is None and ignore:
            continue
        if child is None:
            raise Problem("unknown_field", value=name, thing=Label(spec.name, spec.name))
        node.children.setdefault(name, []).extend(
            _node(one, child, below, below, ignore) for one in _elements(content, name)
        )
    return node


def _fields(value: Any, name: str) -> Mapping[str, Any]:
    if isinstance(value, list):
        if len(value) > 1:
            raise Problem("bad_body", value=name)
        value = value[0] if value else {}
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise Problem("bad_body", value=name)
    return value


def _objects(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    if value is None or value == "":
        return
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            raise Problem("bad_body", value=name)
        yield from part.items()
