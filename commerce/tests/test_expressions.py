"""Expressions of the user."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from commerce.errors import MappingError, SettingsError
from commerce.expressions import Overrides, with_own
from commerce.mapper import MapperCommerce
from commerce.mapping.lightspeed import Options, order, source_line
from commerce.models import Order


def apply(record: dict[str, Any], expressions: dict[str, str | None]) -> Order:
    made = Overrides(Order, expressions).apply(order(record, Options()), record, source_line)
    assert isinstance(made, Order)
    return made


@pytest.fixture
def record(shop: Any) -> dict[str, Any]:
    made: dict[str, Any] = shop.order(shop.line(1, "12.10", quantity="2"), shop.line(2, "1.00"), memo="Rush")
    return made


def test_fields_are_overridden_and_added(record: dict[str, Any]) -> None:
    """Any field of the source reaches any field of the document, and stays typed."""
    made = apply(
        record,
        {
            "remark": "record['memo'] + ': ' + order['remark']",
            "internal_remark": None,
            "administration": "'2' if record['channel'] == 'main' else '1'",
            "reference": "'web-' + order['number'][3:]",
            "document_date": "order['placed_at'].date()",
            "buyer.email": "'shop@example.nl'",
            "delivery.instructions": "record['comment'].upper()",
        },
    )
    assert (made.remark, made.internal_remark) == ("Rush: Please ring twice", None)
    assert (made.administration, made.reference) == ("2", "web-00123")
    assert made.document_date == dt.date(2026, 3, 28)
    assert made.buyer.email == "shop@example.nl"
    assert made.buyer.last_name == "Jansen"
    assert made.delivery is not None
    assert (made.delivery.instructions, made.delivery.pickup) == ("PLEASE RING TWICE", False)


def test_lines(record: dict[str, Any]) -> None:
    """Below a star the expression runs per line, and sees the source's line; lines that we made have none."""
    made = apply(
        record,
        {
            "lines.*.cost_centre": "source_line.get('articleCode', 'none')",
            "lines.*.extra.heavy": "line['quantity'] > 1",
            "lines.*.item.name": "'Item ' + line['key']",
        },
    )
    assert [line.cost_centre for line in made.lines] == ["A-1", "A-2", "none"]
    assert [line.extra["heavy"].value for line in made.lines] == [True, False, False]
    assert made.lines[0].item is not None
    assert (made.lines[0].item.name, made.lines[0].item.sku) == ("Item 1", "SKU-0001")


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("'web'", "string", "web"),
        ("1 + 1", "integer", 2),
        ("1 / 4", "decimal", "0.25"),
        ("0.1 + 0.2", "decimal", "0.3"),
        ("order['totals']['incl'] * 2", "decimal", "50.40"),
        ("1 < 2", "boolean", True),
        ("order['document_date']", "date", "2026-03-29"),
        ("[one['sku'] for one in record['products']]", "multi_choice", ["SKU-0001", "SKU-0002"]),
        ("{'type': 'choice', 'value': 'a'}", "choice", "a"),
        ("None", "string", None),
    ],
)
def test_custom_values_get_their_type(record: dict[str, Any], expression: str, kind: str, value: object) -> None:
    """A bare value becomes a typed custom value; numbers are exact, never floats."""
    extra = apply(record, {"extra.mine": expression}).extra["mine"]
    assert (extra.type, extra.value) == (kind, value)


def test_absent_leaves_a_field_out(record: dict[str, Any]) -> None:
    """Null clears a field, absent says nothing about it."""
    assert "remark" not in apply(record, {"remark": "absent"}).model_fields_set
    assert "remark" in apply(record, {"remark": None}).model_fields_set


def test_later_expressions_see_earlier_ones(record: dict[str, Any]) -> None:
    """They run in their order."""
    assert apply(record, {"title": "'a'", "reference": "order['title'] + 'b'"}).reference == "ab"


def test_the_document_can_not_be_changed_from_within(record: dict[str, Any]) -> None:
    """An expression gives a value and does nothing else; the source record stays as it was."""
    with pytest.raises(MappingError, match="override_failed: remark"):
        apply(record, {"remark": "record.pop('memo')"})
    assert record["memo"] == "Rush"


@pytest.mark.parametrize("expression", ["record['nope']", "1 / 0", "record['memo'] + 1", "order['remark'].nope()"])
def test_a_failure_holds_the_record(record: dict[str, Any], expression: str) -> None:
    """An expression that fails on a record names its field, never a value."""
    with pytest.raises(MappingError) as found:
        apply(record, {"remark": expression})
    assert str(found.value) == "override_failed: remark"


def test_what_the_model_refuses_holds_the_record(record: dict[str, Any]) -> None:
    """The result must be a document of the contract."""
    with pytest.raises(MappingError, match="override_invalid: currency"):
        apply(record, {"currency": "'euro'"})


@pytest.mark.parametrize(
    ("path", "expression", "message"),
    [
        ("remarks", "'x'", "no field 'remarks'; did you mean 'remark'"),
        ("buyer.addres.city", "'x'", "did you mean 'address'"),
        ("remark.text", "'x'", "nothing stands below 'remark'"),
        ("lines.0.remark", "'x'", "'*' (every line)"),
        ("lines.*", "'x'", "name a field behind"),
        ("key", "'x'", "can't be overridden"),
        ("remark", "record['memo'", "not an expression"),
        ("remark", "", "not an expression"),
        ("remark", "a = 1", "not an expression"),
        ("remark", "recrod['memo']", "unknown name 'recrod'"),
        ("remark", "line['key']", "unknown name 'line'"),
        ("remark", "open('x')", "unknown name 'open'"),
        ("remark", "lambda: 1", "Lambda can't be used"),
        ("remark", "a := 1", "not an expression"),
    ],
)
def test_mistakes_are_found_before_the_first_record(path: str, expression: str, message: str) -> None:
    """A path that the model does not have, and an expression that can't work, stop the start."""
    with pytest.raises(SettingsError) as found:
        Overrides(Order, {path: expression})
    assert message in str(found.value)


@pytest.mark.parametrize("expression", ["record.__class__", "().__class__.__bases__", "str.mro()", "'{}'.format(1)"])
def test_the_way_out_is_closed(record: dict[str, Any], expression: str) -> None:
    """Expressions reach nothing but their names."""
    with pytest.raises(MappingError, match="override_failed"):
        apply(record, {"remark": expression})


def test_money_stays_exact(record: dict[str, Any]) -> None:
    """A price computed in an expression is a decimal."""
    made = apply(record, {"lines.*.cost_price": "line['total_excl'] * 0.1"})
    assert made.lines[0].cost_price == Decimal("2.000")


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("plain_text('<p>Caf\u00e9 &amp; meer</p>')", "Caf\u00e9 & meer"),
        ("plain_text(None)", None),
        ("html_text('<p onclick=x()>a</p><script>b</script>')", "<p>a</p>"),
        ("html_text('a < b & c')", "a < b & c"),
        ("gtin(' 87 12345 678906')", "8712345678906"),
        ("gtin('8712345678907')", None),
        ("gtin(None)", None),
        ("country_code('nld')", "NL"),
        ("email_address(' Jo@Example.NL')", "jo@example.nl"),
        ("postal_code('1234ab', 'NL')", "1234 AB"),
        ("str(decimal('0.10') * 3)", "0.30"),
        ("code(' abc ') + '-' + code(None)", "ABC-"),
    ],
)
def test_functions(record: dict[str, Any], expression: str, found: str | None) -> None:
    """The library gives what the mapping itself would, and a user's own functions stand beside it."""
    functions = {"trimmed(text)": "(text or '').strip()", "code(text)": "trimmed(text).upper()"}
    made = MapperCommerce(
        config={"source": "lightspeed", "functions": functions, "overrides": {"orders": {"title": expression}}}
    )
    assert made.map_record("orders", record)["title"] == found


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        ({"shout": "1"}, "functions: shout: write name and parameters in small letters, such as shout(text)"),
        ({"Shout(text)": "1"}, "write name and parameters"),
        ({"shout(1a)": "1"}, "write name and parameters"),
        ({"len(text)": "1"}, "there is a function 'len' already"),
        ({"shout(text)": "txet"}, "functions: shout(text): unknown name 'txet'; known are text and the functions"),
        ({"shout(text)": "record"}, "unknown name 'record'"),
        ({"loop(text)": "loop(text)"}, "unknown name 'loop'"),
        ({"shout(text)": "lambda: 1"}, "Lambda can't be used"),
        ({"shout(text)": "text."}, "not an expression"),
    ],
)
def test_functions_that_are_none(functions: dict[str, str], words: str) -> None:
    """A function that can't be read, sees more than its parameters or calls itself stops the start."""
    with pytest.raises(SettingsError) as found:
        with_own(functions)
    assert words in str(found.value)


@pytest.mark.parametrize("expression", ["shout()", "shout('a', 'b')", "shout(1)", "shout(text='a')"])
def test_functions_that_fail_hold_the_record(record: dict[str, Any], expression: str) -> None:
    """A wrong number or kind of values is that record's error, not the run's."""
    config = {"functions": {"shout(text)": "text.upper()"}, "overrides": {"orders": {"title": expression}}}
    made = MapperCommerce(config={"source": "lightspeed", **config}).map_record("orders", record)
    assert made["_error"] == "override_failed: title"
