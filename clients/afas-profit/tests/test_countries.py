"""Country codes."""

import csv

import pytest

from afas_profit import country_from_afas, country_to_afas


def test_the_codes_of_every_country_are_those_recorded(recorded):
    """All pairs of the recorded list, both ways."""
    with (recorded / "write" / "countrycodes.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["coid"], row["iso-alpha2"]) for row in csv.DictReader(file, delimiter=";")]
    assert len(pairs) > 200
    for afas, iso in pairs:
        assert country_to_afas(iso) == afas
        assert country_from_afas(afas) == iso


@pytest.mark.parametrize(
    ("iso", "afas"), [("BE", "B"), ("de", "D"), ("NL", "NL"), ("NA", "SWA"), ("AO", "AN"), ("AN", "NA")]
)
def test_codes_that_are_easily_mixed_up(iso, afas):
    """Licence plates, any case, and codes that mean another country on the other side."""
    assert country_to_afas(iso) == afas
    assert country_from_afas(afas.lower()) == iso.upper()


def test_an_unknown_country_is_an_error():
    """Never a guess."""
    with pytest.raises(KeyError):
        country_to_afas("XX")
    with pytest.raises(KeyError):
        country_from_afas("QQQ")
