"""Makes the compact data files of this package from recorded specifications: facts only, no prose.

Run it when a newer specification is at hand::

    python -m sandbox.afas.build_data FOLDER_WITH_RECORDED_SPECIFICATIONS

`FOLDER` holds `write/connectors/<Id>.json`, `write/all-write-operations.json`, `write/countrycodes.csv` and
`official-openapi-getconnectors.json`.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

GET = (
    "Profit_Salesorders",
    "Profit_SalesorderLines",
    "Profit_Debtor",
    "Profit_OrgPer",
    "Profit_Contacts",
    "Profit_Deliveryaddress",
    "Profit_Address",
    "Profit_Article",
    "Profit_Article_Basic",
    "Profit_Administrations",
    "Profit_Journals",
    "Profit_Warehouses",
    "Profit_VAT_code",
    "Profit_Projects",
    "Profit_Deliverynotes",
    "ProfitCountries",
    "ProfitGetConnectoren",
    "Profit_Subjects",
    "Profit_Transactions",
    "Profit_Unit_per_Item",
    "Profit_Barcode_per_Item",
    "Profit_Accounts",
    "Profit_Stock",
    "Profit_SalesPrice",
    "Profit_Composition",
)
DATES = {"CreateDate", "ModifiedDate", "DateModified", "OrderDate", "Gewijzigd_op", "Gewijzigd_op_2", "DateBirth"}
DATES |= {"DateStart", "DateReady", "DateCreated", "StartDate", "EndDate", "Datum_afgehandeld", "EntryDate"}
DATES |= {"VoucherDate", "Created", "Modified", "Date"}
# Official request examples send these two on a direct invoice although the specification does not list them.
SEEN_IN_EXAMPLES = {"FbDirectInvoice": ("FbSales", ("TrPt", "SsId"))}
# For these no reference tables are recorded; their fields are those of the other sales documents.
WITHOUT_REFERENCES = {"FbSalesQuotation"}
# The specification's operations without a body schema don't say these.
ROOTS = {"KnOrgUnit": "KnOrgunit"}
TYPES = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "date": "d", "date-time": "t"}


class _Pool:
    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._seen: dict[str, int] = {}

    def add(self, row: Any) -> int:
        text = json.dumps(row, ensure_ascii=False)
        if text not in self._seen:
            self._seen[text] = len(self.rows)
            self.rows.append(row)
        return self._seen[text]


def update_connectors(folder: Path) -> dict[str, Any]:
    """Objects and fields of the UpdateConnectors, equal field definitions stored once.

    Those without a recorded field list have the codes that their operations name, as texts of any length.
    """
    fields, values = _Pool(), _Pool()
    specs = {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))}
    references = _references(specs)
    connectors: dict[str, Any] = {}
    operations = json.loads((folder.parent / "all-write-operations.json").read_text("utf-8"))["operations"]
    for name in sorted({_parts(one)[0] for one in operations}):
        calls = [one for one in operations if _parts(one)[0] == name]
        facts = _facts(name, calls)
        objects: dict[str, Any] = {}
        if name not in specs:
            for path, codes in _named(facts, calls).items():
                rows = [fields.add([code, code, code, "s", 0, 0, "", None]) for code in codes]
                objects[path] = {"required": _required(calls) if path == facts["root"] else [], "fields": rows}
        else:
            schema = specs[name]["schema"]
            shapes = schema.get("POST") or schema["PUT"]
            changed = schema.get("PUT_differences_from_POST", {})
            for path, shape in shapes.items():
                given = dict(shape["fields"])
                if path == name and name in SEEN_IN_EXAMPLES:
                    source, seen = SEEN_IN_EXAMPLES[name]
                    given |= {code: specs[source]["schema"]["POST"][source]["fields"][code] for code in seen}
                known = references if name in WITHOUT_REFERENCES else {}
                rows = [fields.add(_field(code, one, known, values)) for code, one in given.items()]
                objects[path] = {"required": shape.get("required", []), "fields": rows}
                if changed.get(path, {}).get("required"):
                    objects[path]["put"] = changed[path]["required"]
            facts["nl"] = specs[name]["operations"][0].get("summary") or name
            facts["recorded"] = True
        connectors[name] = facts | {"objects": objects}
    return {"fields": fields.rows, "values": values.rows, "connectors": connectors}


def _parts(operation: dict[str, Any]) -> list[str]:
    return operation["path"].split("/")[2:]  # type: ignore[no-any-return]


def _facts(name: str, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """Verbs, sub-objects, root, keys of answer and delete path."""
    paths = [(one["method"], _parts(one)) for one in calls]
    deleted = [path for method, path in paths if method == "DELETE"]
    return {
        "methods": sorted({method for method, path in paths if len(path) == 1 or method == "DELETE"}),
        "subs": sorted(path[1] for method, path in paths if method == "POST" and len(path) == 2),
        "nl": name,
        "root": next((one["root"] for one in calls if one.get("root")), ROOTS.get(name, name)),
        "answer": next((one["response_keys"] for one in calls if one.get("response_keys")), []),
        "delete": [code.removeprefix("@") for path in deleted for code in path[2].split(",")],
        "recorded": False,
    }


def _named(facts: dict[str, Any], calls: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Object paths of a connector without field list, and the codes that its operations name."""
    paths = [path for one in calls for path in one.get("objects") or ()]
    parents = ["/".join(path.split("/")[:depth]) for path in paths for depth in range(2, len(path.split("/")) + 1)]
    codes = list(dict.fromkeys([*facts["delete"], *_required(calls), *facts["answer"]]))
    return {facts["root"]: codes} | {path: [] for path in dict.fromkeys(parents)}


def _required(calls: list[dict[str, Any]]) -> list[str]:
    found: list[str] = next((one["required"] for one in calls if one.get("required")), [])
    return found


def _references(specs: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("FbSales", "FbDirectInvoice", "FbDeliveryNote"):
        for shape in specs[name]["schema"]["POST"].values():
            for code, one in shape["fields"].items():
                if one.get("ref"):
                    found.setdefault(code, one["ref"])
    return found


def _field(code: str, one: dict[str, Any], references: dict[str, str], values: _Pool) -> list[Any]:
    kind = TYPES[one["type"]]
    if one.get("format") == "uuid":
        kind = "g"
    if kind == "s" and one.get("format") == "byte":
        kind = "f"
    reference = one.get("ref") or references.get(code, "")
    listed = values.add(one["values"]) if one.get("values") else None
    length = one.get("maxLength") or one.get("totalDigits") or 0
    return [
        code,
        one.get("nl") or code,
        one.get("en") or one.get("nl") or code,
        kind,
        length,
        one.get("fractionDigits", 0),
        reference,
        listed,
    ]


def get_connectors(file: Path) -> dict[str, Any]:
    """Names, labels and field types of the standard GetConnectors."""
    given = json.loads(file.read_text("utf-8"))["connectors"]
    answer: dict[str, Any] = {}
    for name in GET:
        fields = []
        for one in given[name]["fields"]:
            kind = "d" if one["id"] in DATES else TYPES[one["type"]]
            fields.append([one["id"], kind, one["label_nl"], one["label_en"] or one["label_nl"]])
        dutch = given[name]["summary_nl"]
        answer[name] = {"nl": dutch, "en": given[name]["summary_en"] or dutch, "fields": fields}
    return answer


def countries(file: Path, known: Path) -> list[list[str]]:
    """AFAS code, Dutch name, English name, ISO alpha-2 code, EU or not.

    The recorded list has one language; names that stand in `known` already are kept.
    """
    names = {row[0]: row[1:3] for row in json.loads(known.read_text("utf-8"))} if known.exists() else {}
    with file.open(encoding="utf-8", newline="") as stream:
        return [
            [row["coid"], *names.get(row["coid"], [row["name"]] * 2), row["iso-alpha2"], "EU" if row["eu"] else ""]
            for row in csv.DictReader(stream, delimiter=";")
        ]


def main(folder: Path) -> None:
    """Write the three files beside this module."""
    target = Path(__file__).parent / "data"
    made = {
        "update_connectors.json": update_connectors(folder / "write" / "connectors"),
        "get_connectors.json": get_connectors(folder / "official-openapi-getconnectors.json"),
        "countries.json": countries(folder / "write" / "countrycodes.csv", target / "countries.json"),
    }
    for name, value in made.items():
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        (target / name).write_text(text.replace("],[", "],\n[") + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
