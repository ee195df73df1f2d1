from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from target_afas_builders import CONFIG, settings

from commerce.models import Code
from target_afas.reasons import CannotLoad
from target_afas.rules import Choice, Facts, Table, VatTable
from target_afas.settings import Settings, read_settings
from upsert.errors import ConfigurationError

DAY = dt.date(2026, 11, 1)
NL = Facts("NL", "ideal", "post", "person", "domestic")


def test_the_first_rule_that_fits_wins() -> None:
    """Rules are tried from top to bottom, then comes the default."""
    choice = Choice.model_validate({"rules": [{"country": "BE", "value": 8}, {"value": "1"}], "default": "9"})
    assert choice.pick(NL, "x") == "1"
    assert choice.pick(Facts("BE", None, None, "person", "oss"), "x") == "8"


@pytest.mark.parametrize(("missing", "error"), [("hold", CannotLoad), ("fail", ConfigurationError)])
def test_a_choice_without_a_fitting_rule(missing: str, error: type[Exception]) -> None:
    """What a missing rule does is a setting: default, hold the record, or stop the run (N11)."""
    choice = Choice.model_validate({"rules": [{"country": "BE", "value": "8"}], "missing": missing})
    with pytest.raises(error):
        choice.pick(NL, "orders.sales_book")


def test_a_table_looks_at_the_mapped_code_then_the_raw_one_then_the_title() -> None:
    """A code is found by what the mapper made of it, as the source wrote it, or by its title, without case."""
    table = Table[str].model_validate({"iDEAL": "01", "Op rekening": "08"})
    assert table.look_up(Code(code="x:1", mapped="ideal"), reason="r", table="t") == "01"
    assert table.look_up(Code(code="x:1", title="op rekening"), reason="r", table="t") == "08"


def test_a_missing_payment_method_is_held_with_its_code() -> None:
    """A new payment provider holds its orders instead of getting a silent default (B32)."""
    with pytest.raises(CannotLoad) as held:
        settings().orders.payment_methods.look_up(Code(code="newpay"), reason="unmapped_payment_method", table="t")
    assert held.value.subject == "newpay"


def test_each_table_says_what_a_missing_entry_does() -> None:
    """A table may use its default, or stop the run with the code in the message (N11)."""
    table = Table[str].model_validate({"entries": {}, "missing": "default", "default": "00"})
    assert table.look_up("new", reason="r", table="t") == "00"
    with pytest.raises(ConfigurationError, match="'new' is not in the table 't'"):
        Table[str](missing="fail").look_up("new", reason="r", table="t")


@pytest.mark.parametrize(
    ("facts", "rate", "duty", "group", "percent"),
    [
        (NL, "21", "1", "1", "21"),
        (NL, "9", "1", "2", "9"),
        (Facts("BE", None, None, "person", "oss"), "21", "7", "B1", "21"),
        (Facts("DE", None, None, "organisation", "intra_eu_reverse_charge"), "0", "6", "1", "0"),
        (Facts("CH", None, None, "person", "export"), "0", "4", "1", "0"),
    ],
)
def test_the_vat_table_decides_by_country_rate_customer_and_treatment(facts, rate, duty, group, percent) -> None:
    """OSS to Belgium, reverse charge to Germany and export to Switzerland each get their duty and group (B35)."""
    found = settings().orders.vat.find(facts, Decimal(rate), "standard", DAY)
    assert (found.duty, found.group, found.percent) == (duty, group, Decimal(percent))


def test_an_unknown_combination_is_held() -> None:
    """A combination that the table lacks holds the order and names itself (B35)."""
    with pytest.raises(CannotLoad) as held:
        settings().orders.vat.find(Facts("FR", None, None, "person", "oss"), Decimal(20), "standard", DAY)
    assert (held.value.reason, held.value.subject) == ("unmapped_vat", "FR/20/person/oss")


def test_a_rate_may_change_at_a_date() -> None:
    """Rows hold from and until a document date (B34)."""
    table = VatTable.model_validate(
        [
            {"rate": 6, "valid_until": "2018-12-31", "duty": "1", "group": "L"},
            {"rate": 9, "valid_from": "2019-01-01", "duty": "1", "group": "2"},
        ]
    )
    assert table.find(NL, Decimal(6), "reduced", dt.date(2018, 12, 31)).group == "L"
    with pytest.raises(CannotLoad):
        table.find(NL, Decimal(6), "reduced", dt.date(2019, 1, 1))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"reference_template": "{number}"}, "reference_template must hold {instance}"),
        ({"reference_template": "WS"}, "reference_template: a reference template holds {number}"),
        ({"orders": {"on_exist": "skip"}}, "orders.on_exist: no such setting"),
        ({"orders": {"items": {"discount": "A", "rounding": "a"}}}, "orders.items.rounding"),
        ({"orders": {"header_fields": {"coupon": "no code"}}}, "orders.header_fields.coupon"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(change, place) -> None:
    """A wrong setting is one line with its name, never its value; a reference without shop is refused (B6, P28)."""
    with pytest.raises(ConfigurationError) as error:
        read_settings({**CONFIG, **change})
    assert place in str(error.value)
    assert "\n" not in str(error.value)


def test_one_shop_alone_needs_no_prefix() -> None:
    """A single shop may say so and use its bare order number."""
    own = read_settings({**CONFIG, "reference_template": "{number}", "shared_administration": False})
    assert own.reference_template == "{number}"


def test_every_setting_is_described() -> None:
    """A setting without a description can't be understood in `--about`."""

    def undescribed(model, path: str) -> list[str]:
        missing = []
        for name, field in model.model_fields.items():
            if not field.description:
                missing.append(f"{path}{name}")
            inner = field.annotation
            if isinstance(inner, type) and hasattr(inner, "model_fields"):
                missing += undescribed(inner, f"{path}{name}.")
        return missing

    assert undescribed(Settings, "") == []
