"""Customers: sales relations, organisations, persons, contacts and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = {"CoId": "NL", "PbAd": False, "Ad": "Dorpsstraat", "HmNr": 1, "ZpCd": "1234ab", "Rs": "Plaats", "ResZip": False}


def address(**changes: Any) -> dict[str, Any]:
    return {"KnBasicAddressAdr": {"Element": {"Fields": {**PLACE, **changes}}}}


def organisation(
    relation: dict[str, Any] | None = None, *, below: dict[str, Any] | None = None, **party: Any
) -> dict[str, Any]:
    fields = {"IsDb": True, "CuId": "EUR", "PaCd": "14", "ColA": "1300", "VaDu": "1", "InPv": "E", **(relation or {})}
    key = {"@DbId": fields.pop("DbId", "")}
    base = {"PadAdr": True, "AutoNum": True, "MatchOga": "6", "Nm": "Voorbeeld B.V.", "EmAd": "info@voorbeeld.example"}
    element = {"Fields": {**base, **party}, "Objects": {**address(), **(below or {})}}
    return {
        "KnSalesRelationOrg": {
            "Element": {**key, "Fields": fields, "Objects": [{"KnOrganisation": {"Element": element}}]}
        }
    }


def person(relation: dict[str, Any] | None = None, **party: Any) -> dict[str, Any]:
    fields = {"IsDb": True, "CuId": "EUR", "PaCd": "14", "ColA": "1300", **(relation or {})}
    base = {"PadAdr": True, "AutoNum": True, "MatchPer": "7", "LaNm": "Jansen", "FiNm": "Jan", "ViGe": "O"}
    below = {"Fields": {**base, **party}, "Objects": address()}
    return {"KnSalesRelationPer": {"Element": {"Fields": fields, "Objects": {"KnPerson": {"Element": below}}}}}


def answered(reply: Any) -> dict[str, str]:
    assert reply.status == 201, reply.body
    ((_, keys),) = reply.value()["results"].items()
    found: dict[str, str] = keys
    return found


def rows(afas: Any, debtor: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = afas.rows(
        "Commerce_Relations", f"filterfieldids=Debtor&filtervalues={debtor}&orderbyfieldids=Contact"
    )
    return found


def test_a_new_organisation_is_found_by_its_mail_at_once(afas: Any) -> None:
    """The answer has the numbers as texts, and the look-up finds the customer by e-mail in any case."""
    keys = answered(afas.write("POST", "KnSalesRelationOrg", organisation()))
    assert (keys["DbId"], len(keys["BcCo"])) == ("10007", 7)
    (row,) = afas.rows("Commerce_Relations", "filterfieldids=Mail&filtervalues=INFO@VOORBEELD.EXAMPLE")
    assert (row["Debtor"], row["ContactType"], row["ZipCode"]) == ("10007", "ORG", "1234 AB")


def test_bcid_in_the_answer_by_switch(make: Callable[..., Any]) -> None:
    """A new sales relation answers BcId or not."""
    for switch in (True, False):
        keys = answered(make(answer_bcid=switch).write("POST", "KnSalesRelationPer", person()))
        assert ("BcId" in keys) is switch


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (organisation({"CuId": ""}), "Vul een waarde in bij 'Valuta'."),
        (organisation({"PaCd": ""}), "Vul een waarde in bij 'Betaalvoorwaarde'."),
        (organisation({"ColA": ""}), "Vul een waarde in bij 'Verzamelrekening'."),
        (organisation({"ColA": "9"}), "De ingevulde waarde bij 'Verzamelrekening' bestaat niet."),
        (organisation({"VaDu": "9"}), "De ingevulde waarde bij 'Btw-plicht' bestaat niet."),
        (organisation({"InPv": "9"}), "De ingevulde waarde bij 'Voorkeur verstrekkingswijze' bestaat niet."),
        (organisation(Nm=""), "Vul een waarde in bij 'Naam'."),
        (organisation(MatchOga=""), "Vul een waarde in bij 'Organisatie vergelijken op'."),
        (organisation(AutoNum=False), "Vul een waarde in bij 'Nummer'."),
        (
            organisation(MatchOga="9"),
            "Bij deze MatchOga waarde (9) is het verplicht om 'Action=\"update\"' te gebruiken.",
        ),
        (person(LaNm=""), "Vul een waarde in bij 'Achternaam'."),
        (person(ViGe=""), "General message: Bij een persoon is het geslacht verplicht."),
        (person({"DbId": "10001"}), "(AntaObject) The primary key already exists for field 'Nummer debiteur'"),
        (
            organisation(below=address(Rs="")),
            "General message: Een onvolledig adres mag niet geïmporteerd worden.",
        ),
        (organisation(below=address(CoId="")), "Vul een waarde in bij 'Land'."),
        (organisation(below=address(CoId="XX")), "De ingevulde waarde bij 'Land' bestaat niet."),
    ],
)
def test_refusals_leave_nothing(afas: Any, body: dict[str, Any], text: str) -> None:
    """Each refusal names what is wrong, and no organisation, contact or address is left."""
    before = len(afas.service.tables.log)
    assert afas.refused("POST", next(iter(body)), body) == text
    assert len(afas.service.tables.log) == before


def test_post_office_boxes(afas: Any) -> None:
    """A post-office box needs no street and has no number addition."""
    answered(afas.write("POST", "KnSalesRelationOrg", organisation(below=address(PbAd=True, Ad=""))))
    text = afas.refused("POST", "KnSalesRelationOrg", organisation(below=address(PbAd=True, HmAd="a")))
    assert "Postbusadres" in text


def test_what_an_address_needs_is_a_switch(make: Callable[..., Any]) -> None:
    """Which parts an address must have, and whether a new customer needs one at all, are switches."""
    body = organisation(below=address(ZpCd=""))
    assert make().write("POST", "KnSalesRelationOrg", body).status == 500
    assert make(address_required=["Rs"]).write("POST", "KnSalesRelationOrg", body).status == 201
    body["KnSalesRelationOrg"]["Element"]["Objects"][0]["KnOrganisation"]["Element"]["Objects"] = {}
    assert make().write("POST", "KnSalesRelationOrg", body).status == 500
    assert make(address_mandatory=False).write("POST", "KnSalesRelationOrg", body).status == 201


def test_the_same_address_is_one_record(make: Callable[..., Any]) -> None:
    """Two customers at one address share its id, spaces and case apart; the switch gives each its own."""
    for dedupe in (True, False):
        afas = make(address_dedupe=dedupe, zip_format="as_sent")
        one = answered(afas.write("POST", "KnSalesRelationOrg", organisation()))["DbId"]
        two = answered(
            afas.write("POST", "KnSalesRelationOrg", organisation(below=address(Ad="DORPSSTRAAT", ZpCd="1234 AB")))
        )["DbId"]
        assert (rows(afas, one)[0]["AddressId"] == rows(afas, two)[0]["AddressId"]) is dedupe
        assert rows(afas, one)[0]["ZipCode"] == "1234ab"


def test_one_sales_relation_per_organisation(afas: Any) -> None:
    """A second sales relation for one organisation runs into the unique index."""
    bcco = answered(afas.write("POST", "KnSalesRelationOrg", organisation()))["BcCo"]
    below = {"KnOrganisation": {"Element": {"Fields": {"MatchOga": "0", "BcCo": bcco}}}}
    body = {"KnSalesRelationOrg": {"Element": {"Fields": {"CuId": "EUR"}, "Objects": [below]}}}
    assert "AfasKnBasicContact" in afas.refused("POST", "KnSalesRelationOrg", body)


def test_an_organisation_in_crm_becomes_a_customer(afas: Any) -> None:
    """An organisation without sales relation gets one by its number, and keeps its number."""
    (row,) = afas.rows("Commerce_Relations", "filterfieldids=Mail&filtervalues=bestuur@stichting.example")
    below = {"KnOrganisation": {"Element": {"Fields": {"MatchOga": "0", "BcCo": row["BcCo"]}}}}
    fields = {"CuId": "EUR", "IsDb": True, "PaCd": "14", "ColA": "1300"}
    body = {"KnSalesRelationOrg": {"Element": {"Fields": fields, "Objects": [below]}}}
    assert answered(afas.write("POST", "KnSalesRelationOrg", body))["BcCo"] == row["BcCo"]


def test_manual_debtor_numbers(make: Callable[..., Any]) -> None:
    """With manual numbering the debtor number must be given."""
    afas = make(debtor_numbering="manual")
    assert afas.refused("POST", "KnSalesRelationOrg", organisation()) == "Vul een waarde in bij 'Nummer debiteur'."
    assert answered(afas.write("POST", "KnSalesRelationOrg", organisation({"DbId": "W1"})))["DbId"] == "W1"


@pytest.mark.parametrize(
    ("match", "fields"),
    [
        ("0", {"BcCo": "{bcco}", "AutoNum": False}),
        ("1", {"CcNr": "12345678"}),
        ("2", {"FiNr": "123456789"}),
        ("3", {"Nm": "match bv"}),
        ("4", {}),
        ("5", {}),
    ],
)
def test_matching_organisations(afas: Any, match: str, fields: dict[str, Any]) -> None:
    """Each match code finds one organisation and updates it; none: it is added; more: refused."""
    own = {"Nm": "Match BV", "CcNr": "12345678", "FiNr": "123456789"}
    made = organisation(below=address(HmNr=77), **own)["KnSalesRelationOrg"]["Element"]["Objects"][0]
    first = answered(afas.write("POST", "KnOrganisation", made))
    given = {code: str(value).format(bcco=first["BcCo"]) if code == "BcCo" else value for code, value in fields.items()}
    again = {"Nm": "Match BV", "PadAdr": True, "AutoNum": True, "MatchOga": match, "HoPa": "www.x.example", **given}
    body = {"KnOrganisation": {"Element": {"Fields": again, "Objects": address(HmNr=77)}}}
    if match == "5":
        body["KnOrganisation"]["Element"]["Objects"]["KnBasicAddressPad"] = {
            "Element": {"Fields": {**PLACE, "HmNr": 77}}
        }
    assert answered(afas.write("POST", "KnOrganisation", body))["BcCo"] == first["BcCo"]
    parties = {one["bcco"]: one for one in afas.box.books()["parties"]}
    assert parties[first["BcCo"]]["fields"]["HoPa"] == "www.x.example"
    if match != "0":
        answered(afas.write("POST", "KnOrganisation", made))
        assert "meer dan 1" in afas.refused("POST", "KnOrganisation", body)


@pytest.mark.parametrize(
    ("match", "code", "value"),
    [
        ("2", "", ""),
        ("3", "EmAd", "a@x.example"),
        ("4", "MbNr", "06"),
        ("5", "TeNr", "020"),
        ("6", "DaBi", "1990-01-02"),
    ],
)
def test_matching_persons(afas: Any, match: str, code: str, value: str) -> None:
    """Persons match on name, prefix, initials and gender, and one field more; code 7 is always new."""
    name = {"PadAdr": True, "AutoNum": True, "LaNm": "Vries", "Is": "de", "In": "J.", "ViGe": "V"}
    fields = {**name, **({code: value} if code else {})}

    def write(number: str, **changes: Any) -> str:
        body = {"KnPerson": {"Element": {"Fields": {**fields, "MatchPer": number, **changes}}}}
        return answered(afas.write("POST", "KnPerson", body))["BcCo"]

    first = write("7")
    assert write(match) == first
    assert write(match, LaNm="VRIES") == first
    assert write(match, LaNm="Anders") != first
    assert write("7") != first


def test_updates_that_find_nobody(afas: Any) -> None:
    """An update whose match finds nobody is refused with the documented text."""
    text = "Er is geen organisatie/persoon gevonden die voldoet aan de zoekcriteria."
    body = {"KnOrganisation": {"Element": {"Fields": {"MatchOga": "0", "BcCo": "9999999", "Nm": "X"}}}}
    assert afas.refused("PUT", "KnOrganisation", body) == text
    fields = {"MatchOga": "4", "Nm": "X"}
    body = {"KnOrganisation": {"Element": {"Fields": fields, "Objects": address(HmNr=999)}}}
    assert afas.refused("PUT", "KnOrganisation", body).endswith("via zoeken op adres.")


@pytest.mark.parametrize(("switch", "kinds"), [("per_and_prs", ["PER", "PRS"]), ("prs_only", ["PRS"])])
def test_contact_persons(make: Callable[..., Any], switch: str, kinds: list[str]) -> None:
    """A contact person is found by e-mail at its organisation, and by switch also as a private person."""
    afas = make(person_contact=switch)
    human = {"PadAdr": True, "AutoNum": True, "MatchPer": "7", "LaNm": "Smit", "ViGe": "M", "EmAd": "smit@x.example"}
    contact = {"Fields": {"ViKc": "PRS"}, "Objects": {"KnPerson": {"Element": {"Fields": human}}}}
    keys = answered(afas.write("POST", "KnSalesRelationOrg", organisation(below={"KnContact": {"Element": contact}})))
    query = "filterfieldids=Mail&filtervalues=smit@x.example&orderbyfieldids=ContactType"
    found = afas.rows("Commerce_Relations", query)
    assert [row["ContactType"] for row in found] == kinds
    assert (found[-1]["Debtor"], found[-1]["BcCo"], found[-1]["LastName"]) == (keys["DbId"], keys["BcCo"], "Smit")
    assert [row["Debtor"] for row in found[:-1]] == [None] * (len(kinds) - 1)


def test_a_delivery_address_is_added(afas: Any) -> None:
    """PUT of the organisation with an inserted contact AFL adds a delivery address with an id for the order."""
    keys = answered(afas.write("POST", "KnSalesRelationOrg", organisation()))
    contact = {
        "Fields": {"@Action": "insert", "ViKc": "AFL", "ExAd": "Loods", "PadAdr": True},
        "Objects": address(HmNr=9),
    }
    fields = {"@Action": "update", "MatchOga": "0", "BcCo": keys["BcCo"]}
    body = {"KnOrganisation": {"Element": {"Fields": fields, "Objects": [{"KnContact": {"Element": contact}}]}}}
    assert answered(afas.write("PUT", "KnOrganisation", body))["BcCo"] == keys["BcCo"]
    query = f"filterfieldids=Debtor&filtervalues={keys['DbId']}&orderbyfieldids=Kind"
    found = {row["Kind"]: row for row in afas.rows("Commerce_Addresses", query)}
    assert (found["AFL"]["Name"], found["AFL"]["Number"], found["ADR"]["Number"]) == ("Loods", 9, 1)
    assert found["PAD"]["AddressId"] == found["ADR"]["AddressId"]
    assert afas.order(DbId=keys["DbId"], DlAd=found["AFL"]["AddressId"])
    assert afas.rows("Profit_Deliveryaddress", f"filterfieldids=DebiteurID&filtervalues={keys['DbId']}")


def test_a_delivery_address_below_the_person_path(afas: Any) -> None:
    """POST below KnPerson/KnContact inserts a contact of an existing person."""
    keys = answered(afas.write("POST", "KnSalesRelationPer", person()))
    contact = {"Fields": {"PadAdr": "1", "ViKc": "AFL", "ExAd": "Buren"}, "Objects": address(HmNr=2)}
    fields = {"MatchPer": "0", "BcCo": keys["BcCo"]}
    body = {"KnPerson": {"Element": {"Fields": fields, "Objects": {"KnContact": {"Element": contact}}}}}
    answered(afas.write("POST", "KnPerson/KnContact", body))
    query = f"filterfieldids=Debtor,Kind&filtervalues={keys['DbId']},AFL"
    assert afas.rows("Commerce_Addresses", query)[0]["Name"] == "Buren"


def test_one_contact_per_call(make: Callable[..., Any]) -> None:
    """Two contacts in one body are refused, or accepted by switch."""
    contact = {"Fields": {"ViKc": "AFL", "ExAd": "A", "PadAdr": True}, "Objects": address(HmNr=2)}
    body = organisation(below={"KnContact": {"Element": [contact, contact]}})
    assert make().write("POST", "KnSalesRelationOrg", body).status == 500
    assert make(one_contact_per_call=False).write("POST", "KnSalesRelationOrg", body).status == 201


def test_contacts_change_by_organisation_and_name(afas: Any) -> None:
    """PUT KnContact finds a delivery address by organisation and name, a person by both numbers."""
    (row,) = afas.rows("Commerce_Relations", "filterfieldids=Mail,ContactType&filtervalues=anna@dekroon.example,PRS")
    name = {"BcCoOga": row["BcCo"], "ExAd": "filiaal noord", "Re": "Bel eerst"}
    assert afas.write("PUT", "KnContact", {"KnContact": {"Element": {"Fields": name}}}).status == 201
    both = {"BcCoOga": row["BcCo"], "BcCoPer": row["PersonBcCo"], "EmAd": "anna@werk.example"}
    assert afas.write("PUT", "KnContact", {"KnContact": {"Element": {"Fields": both}}}).status == 201
    query = "filterfieldids=Mail,ContactType&filtervalues=anna@werk.example,PRS"
    assert afas.rows("Commerce_Relations", query)[0]["Contact"] == row["Contact"]
    none = {"KnContact": {"Element": {"Fields": {"BcCoOga": row["BcCo"], "ExAd": "nergens"}}}}
    assert "geen organisatie/persoon" in afas.refused("PUT", "KnContact", none)


def test_updating_a_relation_needs_its_organisation(make: Callable[..., Any]) -> None:
    """PUT of a sales relation names its organisation by match 9 or 0; without: refused, or allowed by switch."""

    def body(below: dict[str, Any] | None) -> dict[str, Any]:
        element: dict[str, Any] = {"@DbId": "10001", "Fields": {"PaCd": "30"}}
        if below:
            element["Objects"] = {"KnOrganisation": {"Element": {"Fields": below}}}
        return {"KnSalesRelationOrg": {"Element": element}}

    afas = make()
    bcco = rows(afas, "10001")[0]["BcCo"]
    assert afas.write("PUT", "KnSalesRelationOrg", body({"MatchOga": "9", "Nm": "Nieuw"})).status == 201
    assert afas.write("PUT", "KnSalesRelationOrg", body({"MatchOga": "0", "BcCo": bcco})).status == 201
    assert afas.write("PUT", "KnSalesRelationOrg", body({"MatchOga": "0", "BcCo": "1000001"})).status == 500
    assert (rows(afas, "10001")[0]["PayCondition"], rows(afas, "10001")[0]["Name"]) == ("30", "Nieuw")
    assert afas.write("PUT", "KnSalesRelationOrg", body(None)).status == 500
    assert make(put_relation_needs_object=False).write("PUT", "KnSalesRelationOrg", body(None)).status == 201


def test_a_move_stays_in_the_history(afas: Any) -> None:
    """A new address replaces the current one; the old one stays in the books with the day it began."""
    afas.clock.advance(86_400 * 40)
    below = {"Fields": {"MatchOga": "9"}, "Objects": address(HmNr=55, BeginDate="2026-04-01")}
    body = {"KnSalesRelationOrg": {"Element": {"@DbId": "10002", "Objects": {"KnOrganisation": {"Element": below}}}}}
    assert afas.write("PUT", "KnSalesRelationOrg", body).status == 201
    book = next(one for one in afas.box.books()["relations"] if one["debtor"] == "10002")
    visits = [(one["HmNr"], one["current"], one["since"]) for one in book["addresses"] if one["kind"] == "ADR"]
    assert visits == [(3, False, "2026-03-02"), (55, True, "2026-04-01")]


def test_no_delete_of_relations(afas: Any) -> None:
    """Sales relations have no DELETE: 404."""
    assert afas.call("DELETE", "connectors/KnSalesRelationOrg/KnSalesRelationOrg/@DbId/10001").status == 404


def test_an_address_on_its_own(make: Callable[..., Any]) -> None:
    """KnAddress makes an address and answers nothing, or its id, by switch."""
    fields = {code: value for code, value in PLACE.items() if code != "ResZip"}
    for switch, keys in (("empty", None), ("id", {"AdId": "1010"})):
        reply = make(address_answer=switch).write("POST", "KnAddress", {"KnAddress": {"Element": {"Fields": fields}}})
        assert reply.status == 201
        assert (reply.value() or {"results": {"KnAddress": None}})["results"]["KnAddress"] == keys


def test_dutch_vat_numbers(make: Callable[..., Any]) -> None:
    """The mod 11 check of Dutch VAT numbers is a switch."""
    wrong, right = organisation({"VaId": "NL111234567B01"}), organisation({"VaId": "NL111234566B01"})
    afas = make(vat_number_check=True)
    assert afas.refused("POST", "KnSalesRelationOrg", wrong) == "The number didn't pass the mod 11 check"
    assert afas.write("POST", "KnSalesRelationOrg", right).status == 201
    assert make().write("POST", "KnSalesRelationOrg", wrong).status == 201
