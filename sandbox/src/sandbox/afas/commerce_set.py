"""Our own GetConnector set for web shops, which the standard ones are too thin for."""

from __future__ import annotations

from sandbox.afas.definitions import Connector, table
from sandbox.afas.messages import Label

_ORDERS = """
OrderNumber | !s12 | doc.number | Ordernummer | Order number
Ref | s100 | h.RfCs | Opdrachtnummer/referentie | Order number/reference
OrderDate | d | h.OrDa | Datum | Date
Debtor | !s16 | h.DbId | Verkooprelatie | Sales contact
Unit | !i | h.Unit | Administratie | Administration
Currency | !s3 | h.CuId | Valuta | Currency
InclVat | b | h.InVa | Prijs incl. btw | Price incl. VAT
PayCondition | !s5 | h.PaCd | Betalingsvoorwaarde | Payment condition
PayMethod | !s5 | h.PaTp | Betaalwijze | Payment method
Address | !i | h.DlAd | Afleveradres | Delivery address
AddressNote | s255 | h.ExAd | Omschrijving afleveradres | Delivery address description
Warehouse | !s15 | h.War | Magazijn | Warehouse
Remark | f | h.Re | Opmerking | Remark
Contact | !i | h.CtI1 | Afwijkende contactpersoon | Deviating contact
Project | !s15 | h.PrId | Project | Project
ProjectStage | !s15 | h.PrSt | Projectfase | Project phase
Journal | !s6 | h.JoCo | Dagboek factuur | Journal invoice
VatDuty | !s3 | h.VaDu | Btw-plicht | VAT duty
Carrier | !s16 | h.TrPt | Vervoerder | Transporter
Service | !s10 | h.SsId | Dienst | Service
SalesChannel | !s20 | h.SaCh | Verkoopkanaal | Sales channel
DeliveryCondition | !s20 | h.DeCo | Leveringsconditie | Delivery conditions
DeliveryDate | d | h.DaDe | Gewenste leverdatum | Required delivery date
Blocked | b | h.FxBl | Order blokkeren | Order blocked
StatusCode | !s5 | doc.status | Status code | Status code
AmountExcl | n26,2 | doc.excl | Bedrag excl. btw | Amount excl. VAT
AmountVat | n26,2 | doc.vat | Btw-bedrag | VAT amount
AmountIncl | n26,2 | doc.incl | Bedrag incl. btw | Amount incl. VAT
Created | d | doc.created | Aangemaakt op | Created on
Modified | d | doc.modified | Gewijzigd op | Changed on
"""
_ORDER_LINES = """
OrderNumber | !s12 | doc.number | Ordernummer | Order number
Ref | s100 | h.RfCs | Opdrachtnummer/referentie | Order number/reference
Guid | s38 | line.guid | GUID regel | GUID line
Seq | i | line.seq | Volgnummer | Sequence number
ItemType | !s10 | l.VaIt | Type item | Item type
Item | !s40 | l.ItCd | Itemcode | Itemcode
Dim1 | !s10 | n.dim1 | Artikeldimensiecode 1 | Article dimension code 1
Dim2 | !s10 | n.dim2 | Artikeldimensiecode 2 | Article dimension code 2
Description | s255 | l.Ds | Omschrijving | Description
Unit | !s15 | l.BiUn | Eenheid | Unit
Quantity | n16,5 | l.QuUn | Aantal eenheden | Number of units
Price | n26,10 | l.Upri | Prijs per eenheid | Price per unit
Discount | n26,10 | line.discount | Bedrag regelkorting | Amount line discount
VatGroup | !s4 | l.VaRc | Btw-tariefgroep | VAT rate group
VatPercent | n5,2 | line.percentage | Btw-percentage | VAT percentage
AmountExcl | n26,2 | line.excl | Regelbedrag excl. btw | Line amount excl. VAT
AmountVat | n26,2 | line.vat | Btw-bedrag regel | Line VAT amount
AmountIncl | n26,2 | line.incl | Regelbedrag incl. btw | Line amount incl. VAT
Delivered | n16,5 | line.delivered | Aantal geleverd | Quantity delivered
StatusCode | !s5 | doc.status | Status code | Status code
OrderExcl | n26,2 | doc.excl | Orderbedrag excl. btw | Order amount excl. VAT
OrderVat | n26,2 | doc.vat | Btw-bedrag order | Order VAT amount
OrderIncl | n26,2 | doc.incl | Orderbedrag incl. btw | Order amount incl. VAT
Modified | d | line.modified | Gewijzigd op | Changed on
"""
_RELATIONS = """
Contact | !i | c.id | Contactid | Contact ID
ContactType | !s3 | c.type | Soort contact code | Contact type code
Mail | s255 | x.mail | E-mail werk | Work e-mail
Mail2 | s255 | x.mail2 | E-mail privé | Personal e-mail
BcCo | !s15 | c.bcco | Nummer org./pers. | Number org./pers.
PersonBcCo | !s15 | c.person | Nummer persoon | Person number
Name | s255 | x.name | Naam | Name
FirstName | s50 | human.FiNm | Voornaam | First name
Infix | s15 | human.Is | Voorvoegsel | Prefix
LastName | s80 | human.LaNm | Achternaam | Last name
Initials | s15 | human.In | Voorletters | Initials
Phone | s255 | x.phone | Telefoonnr. | Phone no.
Mobile | s255 | x.mobile | Mobiel | Mobile no.
Debtor | !s16 | debtor.number | Verkooprelatie | Sales contact
InclVat | b | x.incl | Prijs incl. btw | Price incl. VAT
Blocked | b | x.blocked | Geblokkeerd | Blocked
VatDuty | !s3 | d.VaDu | Btw-plicht | VAT duty
VatNumber | s21 | d.VaId | Btw-identificatienummer | VAT identification number
Coc | s30 | pf.CcNr | KvK-nummer | COC number
PayCondition | !s5 | d.PaCd | Betaalvoorwaarde | Payment condition
Currency | !s3 | d.CuId | Valuta | Currency
ControlAccount | !s16 | d.ColA | Verzamelrekening | Summary account
PriceList | !s5 | d.PrLs | Voorkeur prijslijst | Preferred price list
Language | !s3 | d.LgId | Taal | Language
AddressId | !i | a.id | Adres Id | Address ID
Street | s60 | a.Ad | Straat | Street
Number | i | a.HmNr | Huisnummer | House number
NumberAdd | s30 | a.HmAd | Toev. aan huisnr. | House number addition
StreetAdd | s255 | a.StAd | Toev. voor straat | Add. for street
ZipCode | s15 | a.ZpCd | Postcode | Postal code
City | s50 | a.Rs | Woonplaats | City
Country | !s3 | a.CoId | Land | Country
Created | d | c.created | Aangemaakt op | Created on
Modified | d | x.modified | Gewijzigd op | Changed on
CustomerGroup | !s10 | d.DsGr | Klantgroep | Customer group
"""
_ADDRESSES = """
Debtor | !s16 | debtor.number | Verkooprelatie | Sales contact
BcCo | !s15 | debtor.bcco | Nummer org./pers. | Number org./pers.
AddressId | !i | a.id | Adres Id | Address ID
Kind | !s3 | x.kind | Soort adres | Kind of address
Name | s255 | x.name | Omschrijving | Description
Street | s60 | a.Ad | Straat | Street
Number | i | a.HmNr | Huisnummer | House number
NumberAdd | s30 | a.HmAd | Toev. aan huisnr. | House number addition
StreetAdd | s255 | a.StAd | Toev. voor straat | Add. for street
ZipCode | s15 | a.ZpCd | Postcode | Postal code
City | s50 | a.Rs | Woonplaats | City
Country | !s3 | a.CoId | Land | Country
"""
_ITEMS = """
ItemType | !s10 | i.type | Type item | Item type
Item | !s40 | i.code | Itemcode | Itemcode
Description | s100 | f.Ds | Omschrijving | Description
Unit | !s15 | i.unit | Basiseenheid | Basic unit
VatGroup | !s4 | f.VaRc | Btw-tariefgroep | VAT rate group
Blocked | b | f.Bl | Geblokkeerd | Blocked
Dimension1 | !s10 | f.StD1 | Artikeldimensie 1 | Article dimension 1
Dimension2 | !s10 | f.StD2 | Artikeldimensie 2 | Article dimension 2
Modified | d | i.modified | Gewijzigd op | Changed on
"""


def _without(text: str, *names: str) -> str:
    """The rows of a table but those of some fields."""
    return "\n".join(row for row in text.strip().splitlines() if row.partition(" |")[0] not in names)


_INVOICE_NUMBER = "InvoiceNumber | !s12 | h.SinOrNu | Factuurnummer | Invoice number"
_DIRECT_INVOICES = f"{_without(_ORDERS, 'Carrier', 'Service', 'Blocked')}\n{_INVOICE_NUMBER}"
_DIRECT_INVOICE_LINES = f"{_without(_ORDER_LINES, 'Delivered')}\n{_INVOICE_NUMBER}"

COMMERCE = (
    Connector("Commerce_Orders", Label("Verkooporders webshop", "Web shop orders"), "orders", table(_ORDERS)),
    Connector(
        "Commerce_OrderLines",
        Label("Verkooporderregels webshop", "Web shop order lines"),
        "order_lines",
        table(_ORDER_LINES),
    ),
    Connector("Commerce_Relations", Label("Relaties webshop", "Web shop relations"), "relations", table(_RELATIONS)),
    Connector(
        "Commerce_Addresses",
        Label("Adressen webshop", "Web shop addresses"),
        "addresses_of_debtor",
        table(_ADDRESSES),
    ),
    Connector("Commerce_Items", Label("Items webshop", "Web shop items"), "items", table(_ITEMS)),
    Connector(
        "Commerce_DirectInvoices",
        Label("Directe facturen webshop", "Web shop direct invoices"),
        "direct_invoices",
        table(_DIRECT_INVOICES),
    ),
    Connector(
        "Commerce_DirectInvoiceLines",
        Label("Directe factuurregels webshop", "Web shop direct invoice lines"),
        "direct_invoice_lines",
        table(_DIRECT_INVOICE_LINES),
    ),
)
"""Our connectors, field by field. A direct invoice's number (OrNu) is that of its packing slip."""
