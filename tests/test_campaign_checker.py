"""The checker itself: a coupling that did well passes, and each promise can fail."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.campaign.checker import check

Evidence = dict[str, Any]


def revision(at: str, **other: Any) -> dict[str, Any]:
    """One order of the shop, 121.00 with 21 % VAT, unless told otherwise."""
    return {
        "id": "7001",
        "number": "ORD00001",
        "at": at,
        "created": "2026-11-01T10:00:00+00:00",
        "updated": at,
        "status": "processing_awaiting_shipment",
        "payment": "paid",
        "post": False,
        "channel": "main",
        "country": "NL",
        "incl": "121.00",
        "vat": {"21": "21.0000"},
        "items": [{"code": "SKU-0001", "quantity": "2"}],
        "wrong": {},
    } | other


def version(at: str, **other: Any) -> dict[str, Any]:
    """The same order in AFAS."""
    return {
        "number": "60000001",
        "at": at,
        "by": "POST connectors/FbSales",
        "reference": "shop1-ORD00001",
        "gone": False,
        "blocked": False,
        "status": "A",
        "incl": "121.00",
        "rates": [{"percent": "21", "excl": "100.00", "vat": "21.00", "lines": 1}],
        "items": [{"code": "SKU-0001", "quantity": "2"}],
        "rounding": "0",
    } | other


def state(at: str, run: int, value: str, seen: list[list[str]], held: list[dict[str, Any]]) -> dict[str, Any]:
    """A saved STATE."""
    bookmark = {"replication_key_value": value, "seen": seen, "held": held}
    return {"at": at, "run": run, "value": {"bookmarks": {"orders": bookmark}}}


def hold(reason: str, subject: str = "", key: str = "7001") -> dict[str, Any]:
    """An entry of the held list."""
    return {"key": key, "reason": reason, "subject": subject}


def ran(number: int, begun: str, ended: str, **other: Any) -> dict[str, Any]:
    """A run in which nothing went wrong."""
    return {
        "number": number,
        "begun": begun,
        "ended": ended,
        "exits": {"tap": 0, "mapper": 0, "target": 0},
        "killed": [],
        "last": {"target": "done: orders: 1 created; 0 held"},
        "faults": [],
        "overlapped": False,
    } | other


def call(at: str, left: int, **other: Any) -> dict[str, Any]:
    """A call at the shop and what its answer said was left."""
    return {
        "at": at,
        "run": 1,
        "status": 200,
        "fault": None,
        "remaining": [left, 2000, 9000],
        "reset": [60, 600, 6000],
    } | other


@pytest.fixture
def good() -> Evidence:
    """One order placed, one run that booked it."""
    return {
        "config": {
            "reference": "{instance}-{number}",
            "instance": "shop1",
            "start_date": "2026-11-01T00:00:00+00:00",
            "payment_statuses": ["paid"],
            "include_post_payment": True,
            "statuses_excluded": ["on_hold"],
            "channels": [],
            "overlap_minutes": 125,
            "settle_seconds": 2,
            "on_cancel": "block",
            "max_rounding": "0.05",
            "reserve": [30, 100, 400],
            "hold_limit": 1,
            "vat_holes": [["DE", "0"]],
        },
        "shop": {"revisions": [revision("2026-11-01T10:00:00+00:00")]},
        "afas": {
            "versions": [version("2026-11-01T10:15:05+00:00")],
            "relations": [{"number": "10001", "emails": ["jan@example.com"]}],
            "items": ["SKU-0001"],
            "blocked_items": [],
        },
        "states": [
            state(
                "2026-11-01T10:15:06+00:00",
                1,
                "2026-11-01T10:14:58Z",
                [["7001", "2026-11-01T10:00:00Z"]],
                [],
            )
        ],
        "runs": [ran(1, "2026-11-01T10:15:00+00:00", "2026-11-01T10:15:06+00:00")],
        "faults": [],
        "calls": [call("2026-11-01T10:15:00+00:00", 299), call("2026-11-01T10:15:01+00:00", 298)],
        "end": {"healed": True, "at": "2026-11-01T12:00:00+00:00"},
    }


def promises(evidence: Evidence) -> set[str]:
    """Which promises the checker found broken."""
    return {violation.promise for violation in check(evidence)}


def bookmark(evidence: Evidence) -> dict[str, Any]:
    """The last saved bookmark."""
    found: dict[str, Any] = evidence["states"][-1]["value"]["bookmarks"]["orders"]
    return found


def fault(name: str, side: str = "afas") -> dict[str, Any]:
    """A fault that fired once."""
    return {"number": 1, "side": side, "name": name, "endpoint": "*", "fired": 1, "params": {}}


def test_a_good_life_breaks_no_promise(good: Evidence) -> None:
    """An order that is booked as it stands, with a true state, is fine."""
    assert check(good) == []


def test_r1_one_order_booked_twice(good: Evidence) -> None:
    """Two AFAS orders with one reference are a double."""
    good["afas"]["versions"].append(version("2026-11-01T10:30:00+00:00", number="60000002"))
    assert promises(good) == {"R1"}


def test_r1_counts_a_double_that_was_deleted_again(good: Evidence) -> None:
    """A double is a double, also when it did not stay."""
    twice = [version("2026-11-01T10:20:00+00:00", number="60000002")]
    twice.append(version("2026-11-01T10:21:00+00:00", number="60000002", gone=True))
    good["afas"]["versions"][:0] = twice
    assert promises(good) == {"R1"}


def test_r1_an_order_that_nobody_placed(good: Evidence) -> None:
    """Every order we book belongs to an order of the shop; what people book themselves is theirs."""
    strange = version("2026-11-01T10:30:00+00:00", number="60000009", reference="shop1-ORD99999")
    good["afas"]["versions"].append(strange)
    assert promises(good) == {"R1"}
    strange["by"] = "user"
    assert check(good) == []


def test_r1_two_debtors_for_one_address(good: Evidence) -> None:
    """One e-mail address gets one debtor, whatever its capitals."""
    good["afas"]["relations"].append({"number": "10002", "emails": ["Jan@Example.com "]})
    assert promises(good) == {"R1"}


def test_r2_an_order_is_nowhere(good: Evidence) -> None:
    """At the end, an order that is neither booked nor held is lost."""
    late = revision("2026-11-01T10:14:59+00:00", id="7002", number="ORD00002")
    good["shop"]["revisions"].append(late)
    assert promises(good) == {"R2"}
    bookmark(good)["held"].append(hold("no_item_code", key="7002"))
    late["wrong"] = {"no_sku": True}
    good["runs"][0]["last"]["target"] = "done: 1 held"
    assert check(good) == []


def test_r2_knows_the_scope(good: Evidence) -> None:
    """Orders before the cut-over, unpaid ones, excluded ones and cancelled ones need not be booked."""
    outside = [
        {"created": "2026-10-31T23:59:59+00:00"},
        {"payment": "not_paid"},
        {"status": "on_hold"},
        {"status": "cancelled", "payment": "cancelled"},
    ]
    for n, other in enumerate(outside):
        row = revision("2026-11-01T10:00:00+00:00", id=f"80{n}", number=f"ORD8000{n}") | other
        good["shop"]["revisions"].append(row)
    assert check(good) == []
    good["shop"]["revisions"].append(
        revision("2026-11-01T10:00:00+00:00", id="900", number="ORD90000", payment="not_paid", post=True)
    )
    assert promises(good) == {"R2", "R6"}


def test_r3_a_bookmark_passes_an_order_that_is_not_there(good: Evidence) -> None:
    """Noted as seen, neither booked nor held: the state was ahead of the effect, though it comes later."""
    good["afas"]["versions"][0]["at"] = "2026-11-01T10:15:07+00:00"
    good["runs"][0]["ended"] = "2026-11-01T10:15:08+00:00"
    assert promises(good) == {"R3"}
    bookmark(good)["held"].append(hold("in_doubt"))
    assert "R3" not in promises(good)


def test_r3_a_bookmark_passes_an_order_below_its_overlap(good: Evidence) -> None:
    """What lies below the overlap is never looked at again, noted or not; what lies in it is, unless it is noted."""
    good["afas"]["versions"].clear()
    good["runs"].clear()
    good["end"]["healed"] = False
    bookmark(good)["seen"] = []
    assert check(good) == []
    bookmark(good)["replication_key_value"] = "2026-11-01T12:05:01Z"
    assert promises(good) == {"R3"}


def test_r3_an_older_change_noted_does_not_hide_a_newer_one(good: Evidence) -> None:
    """An order edited since it was noted will be read again."""
    good["end"]["healed"] = False
    good["shop"]["revisions"].append(revision("2026-11-01T10:15:03+00:00", incl="242.00"))
    assert check(good) == []


def test_r3_looks_at_the_contents(good: Evidence) -> None:
    """The effect of an edit is its contents, not that there is some order."""
    good["end"]["healed"] = False
    items = [{"code": "SKU-0002", "quantity": "2"}]
    good["shop"]["revisions"].append(revision("2026-11-01T10:05:00+00:00", items=items))
    bookmark(good)["seen"] = [["7001", "2026-11-01T10:05:00Z"]]
    assert promises(good) == {"R3", "R6"}


def test_r3_a_cancelled_order_must_not_stand(good: Evidence) -> None:
    """A booked order that is cancelled in the shop is blocked, or held."""
    gone = revision("2026-11-01T10:15:01+00:00", status="cancelled")
    good["shop"]["revisions"].append(gone)
    bookmark(good)["seen"] = [["7001", "2026-11-01T10:15:01Z"]]
    assert promises(good) == {"R3", "R2"}
    good["afas"]["versions"].append(version("2026-11-01T10:15:05+00:00", blocked=True))
    assert check(good) == []


def test_r3_what_a_user_did_counts(good: Evidence) -> None:
    """An order that is cancelled in the shop and blocked by a user of AFAS needs nothing more."""
    good["shop"]["revisions"].append(revision("2026-11-01T10:15:01+00:00", status="cancelled"))
    bookmark(good)["seen"] = [["7001", "2026-11-01T10:15:01Z"]]
    good["afas"]["versions"].append(version("2026-11-01T10:15:05+00:00", blocked=True, by="user control"))
    assert check(good) == []


def test_a_write_of_ours_does_not_make_a_user_s_change_ours(good: Evidence) -> None:
    """A user changed a quantity, the shop the address, and we wrote the address: the quantity is still the user's.

    When the shop changed the goods as well, our write should have said so.
    """
    changed: dict[str, Any] = {"incl": "242.00", "items": [{"code": "SKU-0001", "quantity": "4"}]}
    good["shop"]["revisions"].append(revision("2026-11-01T10:15:02+00:00"))
    bookmark(good)["seen"] = [["7001", "2026-11-01T10:15:02Z"]]
    good["afas"]["versions"] += [
        version("2026-11-01T10:15:01+00:00", by="user control", **changed),
        version("2026-11-01T10:15:05+00:00", by="PUT FbSales", **changed),
    ]
    assert check(good) == []
    good["shop"]["revisions"][-1] |= {"incl": "60.50", "items": [{"code": "SKU-0001", "quantity": "1"}]}
    assert promises(good) == {"R2", "R3", "R4"}


def test_r4_a_cent_is_a_cent(good: Evidence) -> None:
    """The total of a booked order equals the shop's."""
    good["afas"]["versions"][0]["incl"] = "121.01"
    assert {"R2", "R4"} <= promises(good)


def test_r4_per_rate_a_cent_per_line(good: Evidence) -> None:
    """VAT per rate may differ by a cent per line, and no more."""
    row = good["afas"]["versions"][0]["rates"][0]
    row.update(vat="20.99", excl="100.01")
    assert check(good) == []
    row.update(vat="20.98", excl="100.02")
    assert promises(good) == {"R4"}
    row["lines"] = 2
    assert check(good) == []


def test_r4_vat_on_another_rate(good: Evidence) -> None:
    """The right total on the wrong rate is wrong."""
    good["afas"]["versions"][0]["rates"] = [{"percent": "9", "excl": "111.01", "vat": "9.99", "lines": 1}]
    assert promises(good) == {"R4"}


def test_r4_the_rounding_item_is_no_dustbin(good: Evidence) -> None:
    """What stands on the rounding item stays within the cap."""
    good["afas"]["versions"][0]["rounding"] = "-0.06"
    assert promises(good) == {"R4"}


@pytest.mark.parametrize("reason", ["in_doubt", "busy", "taken", "new_store", "defect", "unconfirmed"])
def test_r5_nothing_transient_stays(good: Evidence, reason: str) -> None:
    """When the causes are gone, nothing is held for a passing one, though it be booked."""
    bookmark(good)["held"].append(hold(reason))
    good["runs"][0]["last"]["target"] = "done: 1 held"
    assert promises(good) == {"R5"}


def test_r5_a_permanent_reason_must_be_true(good: Evidence) -> None:
    """An order may stay held for an unknown item as long as AFAS has no such item, or has it blocked."""
    bookmark(good)["held"].append(hold("unknown_item", "SKU-0001"))
    good["runs"][0]["last"]["target"] = "done: 1 held"
    assert promises(good) == {"R5"}
    good["afas"]["blocked_items"] = ["SKU-0001"]
    assert check(good) == []


def test_r6_exit_0_means_done(good: Evidence) -> None:
    """A run that ends with 0 has booked or held all that was there when it began."""
    good["end"]["healed"] = False
    early = revision("2026-11-01T10:14:50+00:00", id="7002", number="ORD00002")
    good["shop"]["revisions"].append(early)
    assert promises(good) == {"R6"}
    early.update(at="2026-11-01T10:14:58+00:00", updated="2026-11-01T10:14:58+00:00")
    assert check(good) == []


def test_r6_the_last_line_names_what_is_held(good: Evidence) -> None:
    """Held records are not hidden behind a 0."""
    good["end"]["healed"] = False
    bookmark(good)["held"].append(hold("in_doubt"))
    good["runs"][0]["last"]["target"] = "done: all went well"
    assert promises(good) == {"R6"}


@pytest.mark.parametrize(
    ("code", "faults", "line", "fine"),
    [
        (3, ["status_503"], "AFAS is not available", True),
        (3, [], "AFAS is not available", False),
        (3, ["status_503"], "", False),
        (2, ["expired_token"], "renew the setting `token`", True),
        (2, ["status_503"], "renew the setting `token`", False),
        (4, ["status_503"], "defect: KeyError", False),
        (1, ["status_503"], "can't be loaded", False),
        (143, ["status_503"], "", False),
        (137, ["status_503"], "", False),
    ],
)
def test_r6_codes(good: Evidence, code: int, faults: list[str], line: str, fine: bool) -> None:
    """3 needs something that was wrong outside, 2 something a person must mend; defects and aborts are never fine."""
    good["end"]["healed"] = False
    good["faults"] = [fault(name) for name in faults]
    good["runs"].append(
        ran(
            2,
            "2026-11-01T10:30:00+00:00",
            "2026-11-01T10:30:06+00:00",
            exits={"tap": 0, "mapper": 0, "target": code},
            last={"target": line},
            faults=[1] if faults else [],
        )
    )
    assert promises(good) == (set() if fine else {"R6"})


def test_r6_more_holds_than_the_limit(good: Evidence) -> None:
    """A run that stops because more than `hold_limit` orders share a cause is honest, if there are so many."""
    good["end"]["healed"] = False
    stopped = ran(
        2,
        "2026-11-01T10:30:00+00:00",
        "2026-11-01T10:30:06+00:00",
        exits={"tap": 0, "mapper": 0, "target": 3},
        last={"target": "exit 3: 2 records can't be loaded for one reason, new_store"},
    )
    good["runs"].append(stopped)
    assert promises(good) == {"R6"}
    good["shop"]["revisions"].append(revision("2026-11-01T10:29:58+00:00", id="7002", number="ORD00002"))
    assert check(good) == []


def test_r7_our_own_429(good: Evidence) -> None:
    """A refusal for too many calls is a broken promise unless it was a fault."""
    refused = call("2026-11-01T10:15:02+00:00", -1, status=429)
    good["calls"].append(refused)  # the first call of a process would be free
    assert promises(good) == {"R7"}
    refused["fault"] = "status_429"
    assert check(good) == []


def test_r7_the_reserve_is_not_ours(good: Evidence) -> None:
    """When only the reserve is left, no further call is made before the window closes; another process can't know."""
    good["calls"] = [call("2026-11-01T10:15:00+00:00", 30), call("2026-11-01T10:15:59+00:00", 29)]
    assert promises(good) == {"R7"}
    later = copy.deepcopy(good)
    later["calls"][1]["at"] = "2026-11-01T10:16:01+00:00"
    assert check(later) == []
    good["calls"][1]["run"] = 2
    assert check(good) == []
