"""Makes the compact data files of this package from recorded specifications: facts only, no prose.

Run it when a newer specification is at hand::

    python -m sandbox.afas.build_data FOLDER_WITH_RECORDED_SPECIFICATIONS

`FOLDER` holds `write/connectors/<Id>.json`, `write/countrycodes.csv` and `official-openapi-getconnectors.json`.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

UPDATE = (
    "FbSales",
    "FbSalesQuotation",
    "FbDirectInvoice",
    "FbDeliveryNote",
    "FbSettleOrder",
    "FbFreeOrder",
    "KnSalesRelationOrg",
    "KnSalesRelationPer",
    "KnOrganisation",
    "KnPerson",
    "KnContact",
    "KnAddress",
)
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
)
DATES = {"CreateDate", "ModifiedDate", "DateModified", "OrderDate", "Gewijzigd_op", "Gewijzigd_op_2", "DateBirth"}
DATES |= {"DateStart", "DateReady"}
# Official request examples send these two on a direct invoice although the specification does not list them.
SEEN_IN_EXAMPLES = {"FbDirectInvoice": ("FbSales", ("TrPt", "SsId"))}
# For these no reference tables are recorded; their fields are those of the other sales documents.
WITHOUT_REFERENCES = {"FbSalesQuotation"}
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
    """Objects and fields of the UpdateConnectors, equal field definitions stored once."""
    fields, values = _Pool(), _Pool()
    specs = {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in UPDATE}
    references = _references(specs)
    connectors: dict[str, Any] = {}
    for name, spec in specs.items():
        objects: dict[str, Any] = {}
        shapes = spec["schema"].get("POST") or spec["schema"]["PUT"]
        for path, shape in shapes.items():
            given = dict(shape["fields"])
            if path == name and name in SEEN_IN_EXAMPLES:
                source, codes = SEEN_IN_EXAMPLES[name]
                given |= {code: specs[source]["schema"]["POST"][source]["fields"][code] for code in codes}
            known = references if name in WITHOUT_REFERENCES else {}
            rows = [fields.add(_field(code, one, known, values)) for code, one in given.items()]
            objects[path] = {"required": shape.get("required", []), "fields": rows}
        operations = [(one["method"], one["path"].split("/")[2:]) for one in spec["operations"]]
        connectors[name] = {
            "methods": sorted({method for method, path in operations if len(path) == 1 or method == "DELETE"}),
            "subs": sorted(path[1] for method, path in operations if method == "POST" and len(path) == 2),
            "nl": spec["operations"][0].get("summary") or name,
            "objects": objects,
        }
    return {"fields": fields.rows, "values": values.rows, "connectors": connectors}


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
    return [code, one["nl"], one["en"], kind, length, one.get("fractionDigits", 0), reference, listed]


def get_connectors(file: Path) -> dict[str, Any]:
    """Names, labels and field types of the standard GetConnectors."""
    given = json.loads(file.read_text("utf-8"))["connectors"]
    answer: dict[str, Any] = {}
    for name in GET:
        fields = []
        for one in given[name]["fields"]:
            kind = "d" if one["id"] in DATES else TYPES[one["type"]]
            fields.append([one["id"], kind, one["label_nl"], one["label_en"]])
        answer[name] = {"nl": given[name]["summary_nl"], "en": given[name]["summary_en"], "fields": fields}
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
