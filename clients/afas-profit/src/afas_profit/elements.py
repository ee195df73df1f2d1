"""Bodies and paths of UpdateConnectors, and what they answer (write-api 1.1-1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from afas_profit.values import Value, dump, plain_value

Action = Literal["insert", "update", "delete"]

# The root of the body is the connector's id, except for these (write-api 1.2, and the official list of operations).
_ROOTS = {
    "FiEntries": "FiEntryPar",
    "KnSubjectReaction": "KnReaction",
    "KnSubjectWorkflowReaction": "KnWorkflow",
    "KnEmployee": "AfasEmployee",
    "KnOrgUnit": "KnOrgunit",
    "HrEmpBinMutInSite": "HrEmpBinMutInsite",
    "HrEmpMutInSite": "HrEmpMutInsite",
    "HrEmployeeducationScope": "KnEmployee",
    "HrIllnessProgressInSite": "HrAbsIllnessProgress",
    "HrOnboarding": "AfasPerson",
    "PtItemSet": "PtItemset",
}


@dataclass(frozen=True, slots=True)
class Element:
    """One record of an UpdateConnector, with what hangs below it.

    Attributes:
        fields: field code -> value. A code that is left out is left alone; None clears the field.
        keys: the keys that stand beside the fields with an `@`, such as `DbId` of a sales relation (write-api 1.3).
        objects: name of the sub-object -> its elements.
        action: `@Action`; None lets the verb decide for this level.
    """

    fields: Mapping[str, Value]
    keys: Mapping[str, Value] = field(default_factory=dict)
    objects: Mapping[str, Element | Sequence[Element]] = field(default_factory=dict)
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What AFAS answered to a write.

    Attributes:
        ids: keys per record, all texts, such as `[{"OrNu": "60005490"}]`; empty when the answer is empty, as it is for
            many connectors (write-api 1.6). Line keys are never among them.
    """

    ids: list[dict[str, str]] = field(default_factory=list)

    def first(self, key: str) -> str | None:
        """The value of a key of the first record, or None when the answer does not carry it."""
        return self.ids[0].get(key) if self.ids else None


def root_of(connector: str) -> str:
    """Name of the root object in the body of an UpdateConnector."""
    return _ROOTS.get(connector, connector)


def body(connector: str, element: Element | Sequence[Element]) -> bytes:
    """The JSON body for one or more records.

    Args:
        connector: id of the UpdateConnector.
        element: the record, or several for one call (one transaction).

    Returns:
        UTF-8 JSON on one line; Decimals are exact numbers.

    Raises:
        TypeError: a value AFAS has no form for, such as a float.
        ValueError: no records, or a value AFAS has no form for.
    """
    return dump({root_of(connector): _elements(element)})


def delete_path(
    connector: str, keys: Mapping[str, str], main: str | None = None, sub: tuple[str, Mapping[str, str]] | None = None
) -> str:
    """The path of a delete, from `connectors/` on.

    Args:
        connector: id of the UpdateConnector.
        keys: key codes (without `@`) and values of the main record.
        main: name of the main object, when it is not the root of the connector.
        sub: name and keys of the one sub-record to delete instead.

    Returns:
        Percent-encoded, `@` and the commas of composite keys literal (write-api 1.1).

    Raises:
        ValueError: a key that is missing, empty or can't be written in a path.
    """
    path = f"connectors/{segment(connector)}/{segment(main or root_of(connector))}/{_key_segments(keys)}"
    return f"{path}/{segment(sub[0])}/{_key_segments(sub[1])}" if sub else path


def segment(text: str) -> str:
    """One segment of a path, percent-encoded.

    Raises:
        ValueError: an empty text, or one that means a folder.
    """
    if text in ("", ".", ".."):
        raise ValueError("a name or key in a path can't be empty or only dots")
    return quote(text, safe="@")


def ids(answer: Any) -> list[dict[str, str]]:
    """The keys in an answer: `results` with an object, an array or nothing, or the same without `results`."""
    if not isinstance(answer, Mapping):
        return []
    if "results" in answer:
        return _records(answer["results"])
    return [record for item in answer.values() if isinstance(item, Mapping | list) for record in _records(item)]


def _records(node: Any) -> list[dict[str, str]]:
    if isinstance(node, Mapping):
        nested = [item for item in node.values() if isinstance(item, Mapping | list)]
        if nested:
            return [record for item in nested for record in _records(item)]
        return [{str(key): _key_text(item) for key, item in node.items()}] if node else []
    if isinstance(node, list):
        return [record for item in node for record in _records(item)]
    return []


def _key_text(item: Any) -> str:
    return "" if item is None else str(item)


def _elements(elements: Element | Sequence[Element]) -> dict[str, Any]:
    if not elements:
        raise ValueError("a write needs at least one record")
    trees = [_tree(element) for element in ([elements] if isinstance(elements, Element) else elements)]
    # Not every object takes an array, each takes one object (write-api 1.2).
    return {"Element": trees[0] if len(trees) == 1 else trees}


def _tree(element: Element) -> dict[str, Any]:
    tree: dict[str, Any] = {f"@{key}": plain_value(value) for key, value in element.keys.items()}
    fields: dict[str, Any] = {} if element.action is None else {"@Action": element.action}
    for code, value in element.fields.items():
        fields[code] = plain_value(value)
    if fields:
        tree["Fields"] = fields
    objects = [{name: _elements(below)} for name, below in element.objects.items() if below]
    if objects:
        tree["Objects"] = objects
    return tree


def _key_segments(keys: Mapping[str, str]) -> str:
    if not keys:
        raise ValueError("a delete needs a key")
    if len(keys) > 1 and any("," in value for value in keys.values()):
        raise ValueError("a composite key can't carry a comma: AFAS splits there")
    return f"{','.join(f'@{segment(key)}' for key in keys)}/{','.join(map(segment, keys.values()))}"
