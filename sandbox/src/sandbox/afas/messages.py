"""The texts of AFAS in Dutch and English, and the one exception that carries them.

A text marked "recorded" or "documented" is a known one; the others stand where no text is known: couplings must not
lean on them, and the switch `messages` replaces any of them by name.
"""

from __future__ import annotations

from typing import NamedTuple

NOT_EXIST = -2147220469
GENERAL = -2147180996
UNEXPECTED = -2147180999


class Label(NamedTuple):
    """A field's name in both languages."""

    nl: str
    en: str

    def of(self, language: str) -> str:
        """The name in "nl" or "en"."""
        return self.nl if language == "nl" else self.en


class Text(NamedTuple):
    """A message: error number and both texts, with `{label}` and other places to fill."""

    number: int
    nl: str
    en: str


TEXTS: dict[str, Text] = {
    # documented or recorded
    "not_exist": Text(
        NOT_EXIST, "De ingevulde waarde bij '{label}' bestaat niet.", "The entered value for '{label}' does not exist."
    ),
    "mandatory": Text(GENERAL, "Vul een waarde in bij '{label}'.", "Enter a value for '{label}'."),
    "unexpected": Text(UNEXPECTED, "Er is een onverwachte fout opgetreden.", "An unexpected error has occurred."),
    "get_denied": Text(
        GENERAL,
        "Deze connector wordt niet ondersteund of de gebruiker is niet geautoriseerd.",
        "GetConnector not supported for this app or the user is not authorized",
    ),
    "update_denied": Text(
        GENERAL,
        "General message: Deze UpdateConnector wordt niet ondersteund of de gebruiker is niet geautoriseerd.",
        "General message: This UpdateConnector is not supported or the user is not authorized.",
    ),
    "connector_blocked": Text(
        GENERAL, "Deze GetConnector (definitie) is geblokkeerd", "This GetConnector (definition) is blocked"
    ),
    "field_not_found": Text(GENERAL, "Connectorveld '{value}' niet gevonden", "Connector field '{value}' not found"),
    "invalid_index": Text(GENERAL, "General message: Invalid Index field", "General message: Invalid Index field"),
    "out_of_memory": Text(UNEXPECTED, "Out of memory", "Out of memory"),
    "server_timeout": Text(
        UNEXPECTED,
        "De maximale tijdsduur voor het uitvoeren van de opdracht is verstreken.",
        "The maximum duration for performing the assignment has been exceeded.",
    ),
    "primary_key": Text(
        GENERAL,
        "(AntaObject) The primary key already exists for field '{label}'",
        "(AntaObject) The primary key already exists for field '{label}'",
    ),
    "exists": Text(GENERAL, "{thing} bestaat reeds", "{thing} already exists"),
    "not_found": Text(GENERAL, "{thing} niet gevonden", "{thing} not found"),
    "second_relation": Text(
        UNEXPECTED,
        "[Microsoft][ODBC SQL Server Driver][SQL Server]Cannot insert duplicate key row in object"
        " 'dbo.AfasKnSalRelation' with unique index 'AfasKnBasicContact'.",
        "[Microsoft][ODBC SQL Server Driver][SQL Server]Cannot insert duplicate key row in object"
        " 'dbo.AfasKnSalRelation' with unique index 'AfasKnBasicContact'.",
    ),
    "match_none": Text(
        GENERAL,
        "Er is geen organisatie/persoon gevonden die voldoet aan de zoekcriteria.",
        "No organisation/person was found that meets the search criteria.",
    ),
    "match_many": Text(
        GENERAL,
        "Er is meer dan 1 organisatie/persoon gevonden die voldoet aan het zoekprofiel.",
        "More than 1 organisation/person was found that meets the search profile.",
    ),
    "match_address": Text(
        GENERAL,
        "Er is geen organisatie/persoon gevonden via zoeken op adres.",
        "No organisation/person was found by searching on address.",
    ),
    "match_9_insert": Text(
        GENERAL,
        "Bij deze {code} waarde (9) is het verplicht om 'Action=\"update\"' te gebruiken.",
        "With this {code} value (9) it is mandatory to use 'Action=\"update\"'.",
    ),
    "incomplete_address": Text(
        GENERAL,
        "General message: Een onvolledig adres mag niet geïmporteerd worden.",
        "General message: An incomplete address may not be imported.",
    ),
    "po_box_addition": Text(
        GENERAL,
        "General message: Als het veld 'Postbusadres' is aangevinkt, mag 'Toevoeging aan huisnummer' niet ingevuld"
        " zijn.",
        "General message: If the field 'P.O. Box address' is ticked, 'House number addition' may not be filled.",
    ),
    "gender": Text(
        GENERAL,
        "General message: Bij een persoon is het geslacht verplicht.",
        "General message: Gender is mandatory for a person.",
    ),
    "mod_11": Text(GENERAL, "The number didn't pass the mod 11 check", "The number didn't pass the mod 11 check"),
    "type_mismatch": Text(GENERAL, "Type mismatch", "Type mismatch"),
    "period_closed": Text(
        GENERAL,
        "Voor deze administratie is periode {value} van jaar {code} geblokkeerd.",
        "For this administration period {value} of year {code} is blocked.",
    ),
    "entry_number": Text(
        GENERAL,
        "Bij toevoegen journaalpost mag het journaalpostnummer niet worden opgegeven.",
        "When adding an entry, the entry number may not be given.",
    ),
    "invoice_used": Text(
        GENERAL,
        "General message: Factuurnummer {value} wordt al gebruikt in financieel bij relatienummer {code}",
        "Invoice number {value} is already used in finance for relation number {code}",
    ),
    "dimension": Text(
        GENERAL,
        "Verbijzonderingscode voor as '{value}' moet gevuld worden voor rekening {code}",
        "The allocation code for axis '{value}' must be filled for account {code}",
    ),
    "project_needed": Text(
        GENERAL,
        "Projectboeking is verplicht voor grootboekrekening {code}",
        "A project entry is mandatory for ledger account {code}",
    ),
    "no_vat": Text(
        GENERAL,
        "(AFASFiEntry) VAT is not allowed for account {code}",
        "(AFASFiEntry) VAT is not allowed for account {code}",
    ),
    "no_unit": Text(GENERAL, "No unit available", "No unit available"),
    # no text is known for these
    "unbalanced": Text(GENERAL, "De journaalpost is niet in evenwicht.", "The entry is not balanced."),
    "no_amount": Text(GENERAL, "Op de regel is geen bedrag ingevuld.", "No amount is entered on the line."),
    "in_use": Text(
        GENERAL,
        "{thing} '{value}' kan niet worden verwijderd omdat er mutaties zijn.",
        "{thing} '{value}' can not be deleted because there are movements.",
    ),
    "unknown_field": Text(
        GENERAL, "Het veld '{value}' bestaat niet in '{thing}'.", "The field '{value}' does not exist in '{thing}'."
    ),
    "over_length": Text(
        GENERAL,
        "De waarde bij '{label}' is te lang (maximaal {value} tekens).",
        "The value for '{label}' is too long (at most {value} characters).",
    ),
    "bad_body": Text(
        GENERAL,
        "De structuur van het bericht is niet juist ('{value}').",
        "The message structure is wrong ('{value}').",
    ),
    "read_only": Text(
        GENERAL, "Het veld '{label}' kan niet worden gewijzigd.", "The field '{label}' can not be changed."
    ),
    "processed": Text(
        GENERAL,
        "De order is al verwerkt en kan niet meer worden gewijzigd.",
        "The order has been processed and can no longer be changed.",
    ),
    "locked": Text(
        GENERAL,
        "De gegevens zijn vergrendeld door een andere gebruiker. Probeer het later opnieuw.",
        "The data is locked by another user. Try again later.",
    ),
    "relation_blocked": Text(
        GENERAL, "Verkooprelatie '{value}' is geblokkeerd voor levering.", "Sales contact '{value}' is blocked."
    ),
    "item_blocked": Text(GENERAL, "Item '{value}' is geblokkeerd.", "Item '{value}' is blocked."),
    "journal_blocked": Text(GENERAL, "Dagboek '{value}' is geblokkeerd.", "Journal '{value}' is blocked."),
    "project_closed": Text(GENERAL, "Project '{value}' is afgemeld.", "Project '{value}' is closed."),
    "ambiguous_line": Text(
        GENERAL,
        "Er is meer dan 1 regel gevonden met item '{value}'.",
        "More than 1 line was found with item '{value}'.",
    ),
    "too_many_calls": Text(UNEXPECTED, "Te veel gelijktijdige aanroepen.", "Too many calls at the same time."),
}


class Problem(Exception):  # noqa: N818 - an answer of the imitated API, not an error of this program
    """A refusal in AFAS's own words; the service turns it into an error answer."""

    def __init__(
        self,
        key: str,
        label: Label | None = None,
        *,
        value: object = "",
        thing: Label | None = None,
        code: str = "",
        status: int = 500,
    ) -> None:
        """Refuse with the text `key` of `TEXTS`; the other arguments fill its places."""
        super().__init__(key)
        self.key = key
        self.label = label
        self.value = value
        self.thing = thing
        self.code = code
        self.status = status

    def text(self, language: str, own: dict[str, str]) -> str:
        """The message in a language; `own` holds replacements by key."""
        known = TEXTS[self.key]
        pattern = own.get(self.key) or (known.nl if language == "nl" else known.en)
        places = {
            "label": self.label.of(language) if self.label else "",
            "thing": self.thing.of(language) if self.thing else "",
            "value": str(self.value),
            "code": self.code,
        }
        for name, text in places.items():
            pattern = pattern.replace("{" + name + "}", text)
        return pattern

    @property
    def number(self) -> int:
        """The error number."""
        return TEXTS[self.key].number
