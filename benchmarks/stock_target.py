"""The peer: a target of the SDK's own classes, one POST per record. No look-up, no relation, no retry, no check."""

from __future__ import annotations

from base64 import b64encode
from functools import cached_property
from typing import Any

import requests
from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.sinks import RecordSink


class StockSink(RecordSink):
    """Orders -> FbSales, each in a call of its own."""

    @cached_property
    def session(self) -> requests.Session:
        """A connection that stays open."""
        session = requests.Session()
        data = f"<token><version>1</version><data>{self.config['token']}</data></token>"
        session.headers["Authorization"] = f"AfasToken {b64encode(data.encode()).decode()}"
        return session

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:  # noqa: ARG002 - the SDK's signature
        """Send one order."""
        lines: list[Any] = [
            {"Fields": {"VaIt": "2", "ItCd": line["sku"], "QuUn": float(line["quantity"])}}
            for line in record["lines"]
            if line.get("sku")
        ]
        fields = {
            "DbId": self.config["debtor"],
            "RfCs": record["number"],
            "OrDa": str(record["placed_at"])[:10],
            "Unit": 1,
        }
        element: dict[str, Any] = {"Fields": fields, "Objects": [{"FbSalesLines": {"Element": lines}}]}
        answer = self.session.post(
            f"{self.config['base_url']}/connectors/FbSales", json={"FbSales": {"Element": element}}, timeout=60
        )
        answer.raise_for_status()


class StockTarget(Target):
    """The peer target."""

    name = "stock-target"
    default_sink_class = StockSink
    config_jsonschema = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True),
        th.Property("token", th.StringType, required=True),
        th.Property("debtor", th.StringType, required=True),
    ).to_dict()


if __name__ == "__main__":
    StockTarget.cli()
