"""The table of resources beside the sandbox's, which was made from the same reference by another hand."""

from __future__ import annotations

import pytest

from sandbox.lightspeed.resources import RESOURCES as IMITATED
from target_lightspeed.fields import Ref
from target_lightspeed.resource import OWNERS
from target_lightspeed.resources import ACTIONS, RESOURCES

SHOPS = {path: one for path, one in IMITATED.items() if set(one.verbs) & set("CUD")}
NOT_IN_THE_SANDBOX = {
    "variants": {"options"},
    "metafields": {"ownerResource"},
}
"""Fields that the reference marks as perhaps writable."""


def test_every_writable_resource_has_its_stream() -> None:
    """What takes a POST, PUT or DELETE of records is a stream, named after its path."""
    ours = {one.path for one in RESOURCES.values()}
    assert SHOPS.keys() <= ours
    assert ours - SHOPS.keys() == {"checkouts", "checkouts/{}/products"}
    assert not ours & set(ACTIONS)


@pytest.mark.parametrize("path", sorted(SHOPS))
def test_verbs_envelope_and_fields_are_those_of_the_api(path: str) -> None:
    """Verbs and envelope agree; every field that we write is one that the shop takes, and as it takes it."""
    theirs, ours = SHOPS[path], RESOURCES[path.replace("/{}", "").replace("/", "_")]
    assert set(ours.verbs) == set(theirs.verbs) & set("CUD")
    assert ours.envelope == theirs.one
    known = {one.name: one for one in theirs.fields if one.write != "r"}
    written = {one.name for one in ours.fields} - {"attachment", "filename"}
    assert written | set(ours.flags) <= known.keys() | NOT_IN_THE_SANDBOX.get(path, set())
    if not ours.open:
        assert known.keys() - written - set(ours.flags) == set()
    assert {one for one in known if one.startswith(("doNotify", "notify"))} == set(ours.flags)
    for one in ours.fields:
        target = getattr(known.get(one.name), "target", "")
        if isinstance(one.kind, Ref) and target in {other.path for other in RESOURCES.values()}:
            assert one.kind.to == target.replace("/{}", "").replace("/", "_")


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_the_table_is_sound(name: str) -> None:
    """Keys, required fields and filters name fields, references lead to resources, parents have their owner."""
    resource = RESOURCES[name]
    named = resource.named
    readable = {"number", "title", "name"}
    for key in resource.keys:
        assert set(key) <= named.keys() | readable
    assert set(resource.required) <= named.keys()
    assert set(resource.filters) <= named.keys() | {"number", "customer", "order"}
    assert len(named) == len(resource.fields)
    if resource.parent:
        assert resource.parent in OWNERS
        assert resource.owner not in named
    for one in resource.fields:
        if isinstance(one.kind, Ref):
            assert one.kind.to in RESOURCES
