"""What can go wrong, on either side and with time: every kind of fault with the ways in which it may strike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

PASSES = (20, 61, 300, 900, 931, 3 * 3600, 11 * 3600)
WAITS = (900, 61, 3, 240, 905)
"""Seconds before a run."""
SKEWS = (0, -600, 600, -5 * 3600, 7 * 3600)
AFAS_AHEAD = (0.0, -600.0, 600.0)

FAULTS: Mapping[str, Mapping[str, tuple[Json, ...]]] = {
    "lightspeed": {
        "timeout_before_work": ({},),
        "timeout_after_work": ({},),
        "late_work": ({"after": 60},),
        "reset_before": ({},),
        "reset_after": ({},),
        "truncated_json": ({"keep": 0.5}, {"keep": 0.95}),
        "truncated_body": ({"keep": 0.5},),
        "html_error": ({"status": 500}, {"status": 502}, {"status": 504}),
        "wrong_envelope": ({"name": "result"},),
        "empty_2xx": ({},),
        "slow": ({"seconds": 5}, {"seconds": 55}),
        "drip": ({"bytes_per_second": 2000},),
        "kill": ({"when": "before"}, {"when": "after"}),
        "status_429": (
            {"headers": True},
            {"headers": False},
            {"headers": False, "retry_after": "30"},
            {"headers": True, "retry_after": "2026-11-02T12:00:00Z"},
        ),
        "status_500": ({},),
        "status_503": ({"retry_after": None}, {"retry_after": 30}, {"retry_after": 7200}),
        "temporary_404": ({},),
        "expired_token": ({},),
        "denied": ({},),
        "error_200": ({},),
        "lookup_stale": ({"seconds": 60}, {"seconds": 600}),
    },
    "afas": {
        "timeout_before_work": ({},),
        "timeout_after_work": ({},),
        # AFAS works on until 900 s after the request came in; the client has gone at 300 s.
        "late_work": ({"after": 20}, {"after": 60}, {"after": 300}, {"after": 590}),
        "reset_before": ({},),
        "reset_after": ({},),
        "truncated_json": ({"keep": 0.5}, {"keep": 0.95}),
        "truncated_body": ({"keep": 0.5},),
        "html_error": (
            {"status": 500},
            {"status": 502},
            {"status": 504, "after_work": True},
            {"status": 500, "after_work": True},
        ),
        "wrong_envelope": ({"name": "result"},),
        "empty_2xx": ({},),
        "slow": ({"seconds": 5}, {"seconds": 290}),
        "drip": ({"bytes_per_second": 50},),
        "kill": ({"when": "before"}, {"when": "after"}),
        "status_429": ({"retry_after": None}, {"retry_after": 20}),
        "status_500": ({}, {"after_work": True}, {"message": "Er is een onverwachte fout opgetreden."}),
        "status_503": ({"retry_after": None}, {"retry_after": 30}, {"retry_after": 7200}),
        "temporary_404": ({},),
        "expired_token": ({},),
        "denied": ({},),
        "error_200": ({},),
        "lookup_filtered": ({"field": "*"}, {"field": "Ref"}),
        "lookup_stale": ({"seconds": 2}, {"seconds": 25}),
        "locked": ({},),
        "connector_blocked": ({},),
        "out_of_memory": ({},),
        "server_timeout": ({}, {"after_work": True}),
        "too_many_calls": ({"status": 500}, {"status": 503}),
    },
}
"""Every kind of fault on either side, with the ways in which it may strike."""

SIDES = tuple((side, name) for side, kinds in FAULTS.items() for name in kinds)
