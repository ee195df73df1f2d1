"""Our own GetConnector set of the shop side: items, variants, stock, prices, categories, relations, customer groups."""

from __future__ import annotations

from sandbox.afas.definitions import Connector, table
from sandbox.afas.messages import Label

PRODUCTS = "Commerce_Products"
SLOTS = range(7)
"""Places of an item's images: 0 is the main one."""


def slot_name(name: str, slot: int) -> str:
    """A field of an image slot: Image, Image1 .. Image6."""
    return f"{name}{slot or ''}"


_PRODUCTS = """
ItemType | !s10 | i.type | Type item (code) | Item type (code)
Item | !s40 | i.code | Itemcode | Item code
Description | s100 | f.Ds | Omschrijving | Description
DescriptionEn | s100 | f.Ds_2057 | Omschrijving (Engels) | Description (English)
DescriptionDe | s100 | f.Ds_1031 | Omschrijving (Duits) | Description (German)
DescriptionFr | s100 | f.Ds_1036 | Omschrijving (Frans) | Description (French)
ExtraDescription | s100 | f.DsEx | Extra omschrijving | Extra description
Remark | f | f.Rm | Opmerking | Remark
Unit | !s15 | i.unit | Basiseenheid | Basic unit
Group | !s15 | f.Grp | Artikelgroep | Article group
GroupName | s100 | g.nl | Omschrijving artikelgroep | Description of article group
VatGroup | !s4 | f.VaRc | Btw-tariefgroep | VAT rate group
VatPercent | n5,2 | vat.percentage | Btw-percentage | VAT percentage
PriceFactor | i10 | f.PrFc | Prijsfactor | Price factor
Barcode | s30 | f.BaCo | Barcode | Barcode
BarcodeType | !s20 | f.VaBc | Type barcode | Barcode type
WeightUnit | !s20 | f.VaWt | Gewichtseenheid | Weight unit
NetWeight | n18,3 | f.NeWe | Nettogewicht | Net weight
GrossWeight | n18,3 | f.GrWe | Brutogewicht | Gross weight
Length | n18,3 | f.QuLe | Lengte | Length
Width | n18,3 | f.QuWi | Breedte | Width
Height | n18,3 | f.QuHe | Hoogte | Height
KeepStock | b | x.keep | Voorraad bijhouden | Track stock
StockControl | !s20 | f.StCh | Voorraadcontrole (code) | Stock check (code)
Dimension1 | !s10 | f.StD1 | Artikeldimensie 1 | Article dimension 1
Dimension2 | !s10 | f.StD2 | Artikeldimensie 2 | Article dimension 2
ArticleType | !s20 | f.VaTp | Artikeltype (code) | Article type (code)
Blocked | b | x.blocked | Geblokkeerd | Blocked
CostPrice | n26,10 | f.CoPrice | Kostprijs | Cost price
SalesPrice | n26,10 | f.SaPrice | Basisverkoopprijs | Basic sales price
HsCode | s8 | f.CsGc | Goederencode | Goods code
Origin | !s3 | f.CoOr | Land van oorsprong | Country of origin
"""
_IMAGES = "\n".join(
    [f"{slot_name('Image', slot)} | i10 | x.image{slot} | {f'Afbeelding {slot or str()}'.strip()} | "
     f"{f'Image {slot or str()}'.strip()}" for slot in SLOTS]
    + [f"{slot_name('ImageName', slot)} | s255 | x.name{slot} | {f'Bestandsnaam {slot or str()}'.strip()} | "
       f"{f'File name {slot or str()}'.strip()}" for slot in SLOTS]
)  # fmt: skip
_FREE = """
WebEnabled | b | u.WebEnabled | E-commerce beschikbaar | E-commerce available
WebTitle | s100 | u.WebTitle | Webshop titel | Web shop title
WebTitleEn | s100 | u.WebTitleEn | Webshop titel (Engels) | Web shop title (English)
WebShort | f | u.WebShort | Korte omschrijving | Short description
WebShortEn | f | u.WebShortEn | Korte omschrijving (Engels) | Short description (English)
WebLong | f | u.WebLong | Lange omschrijving | Long description
WebLongEn | f | u.WebLongEn | Lange omschrijving (Engels) | Long description (English)
Brand | s50 | u.Brand | Merk | Brand
ParentItem | s40 | u.ParentItem | Hoofdartikel | Parent item
Colour | s30 | u.Colour | Kleur | Colour
Size | s30 | u.Size | Maat | Size
Material | s50 | u.Material | Materiaal | Material
Washing | s100 | u.Washing | Wasvoorschrift | Washing instruction
LeadTime | s30 | u.LeadTime | Levertijd | Lead time
EnergyLabel | s5 | u.EnergyLabel | Energielabel | Energy label
Warranty | s30 | u.Warranty | Garantie | Warranty
WebCategory1 | !s15 | u.WebCategory1 | Webshop categorie 1 | Web shop category 1
WebCategory2 | !s15 | u.WebCategory2 | Webshop categorie 2 | Web shop category 2
WebCategory3 | !s15 | u.WebCategory3 | Webshop categorie 3 | Web shop category 3
WebCategory4 | !s15 | u.WebCategory4 | Webshop categorie 4 | Web shop category 4
WebCategory5 | !s15 | u.WebCategory5 | Webshop categorie 5 | Web shop category 5
MinimumQuantity | i10 | u.MinimumQuantity | Minimale afname | Minimum quantity
"""
_DATES = """
Created | d | i.created | Aangemaakt op | Created on
Modified | d | i.modified | Gewijzigd op | Changed on
"""
_VARIANTS = """
ItemType | !s10 | i.type | Type item (code) | Item type (code)
Item | !s40 | i.code | Itemcode | Item code
Dim1 | !s10 | r.Dim1 | Artikeldimensiecode 1 | Article dimension code 1
Dim1Label | s50 | r.Dim1Label | Omschrijving artikeldimensiecode 1 | Description of article dimension code 1
Dim1Position | i10 | r.Dim1Position | Volgorde artikeldimensiecode 1 | Order of article dimension code 1
Dim2 | !s10 | r.Dim2 | Artikeldimensiecode 2 | Article dimension code 2
Dim2Label | s50 | r.Dim2Label | Omschrijving artikeldimensiecode 2 | Description of article dimension code 2
Dim2Position | i10 | r.Dim2Position | Volgorde artikeldimensiecode 2 | Order of article dimension code 2
Barcode | s30 | r.Barcode | Barcode | Barcode
BlockedSales | b | r.BlockedSales | Geblokkeerd voor verkoop | Blocked for sales
WebEnabled | b | x.web | E-commerce beschikbaar | E-commerce available
Modified | d | r.modified | Gewijzigd op | Changed on
ItemModified | d | i.modified | Gewijzigd op (item) | Changed on (item)
"""
_STOCK = """
ItemType | !s10 | i.type | Type item (code) | Item type (code)
Item | !s40 | i.code | Itemcode | Item code
Dim1 | !s10 | x.dim1 | Artikeldimensiecode 1 | Article dimension code 1
Dim2 | !s10 | x.dim2 | Artikeldimensiecode 2 | Article dimension code 2
Warehouse | !s15 | x.warehouse | Magazijn | Warehouse
Unit | !s15 | i.unit | Eenheid | Unit
WebEnabled | b | x.web | E-commerce beschikbaar | E-commerce available
OnHand | n16,5 | s.on_hand | Op voorraad | In stock
Reserved | n16,5 | s.reserved | Gereserveerd op voorraad | Reserved from stock
Backorder | n16,5 | s.backorder | Backorder | Backorder
ReservedOnPurchase | n16,5 | s.on_purchase | Gereserveerd op bestelling | Reserved from purchase order
OnOrder | n16,5 | s.on_order | In bestelling | On order
Available | n16,5 | s.available | Beschikbare voorraad | Available stock
Economic | n16,5 | s.economic | Economische voorraad | Economic stock
Minimum | n16,5 | f.StMi | Minimum voorraad | Minimum stock
"""
_PURCHASE_LINES = """
OrderNumber | !s12 | doc.number | Ordernummer | Order number
Seq | i10 | line.seq | Volgnummer | Sequence number
ItemType | !s10 | x.type | Type item (code) | Item type (code)
Item | !s40 | l.ItCd | Itemcode | Item code
Dim1 | !s10 | x.dim1 | Artikeldimensiecode 1 | Article dimension code 1
Dim2 | !s10 | x.dim2 | Artikeldimensiecode 2 | Article dimension code 2
Warehouse | !s15 | x.warehouse | Magazijn | Warehouse
Expected | d | x.expected | Verwachte leverdatum | Expected delivery date
Open | n16,5 | x.open | Nog te ontvangen | Still to be received
Modified | d | line.modified | Gewijzigd op | Changed on
"""
_COMPOSITIONS = """
CompositionType | !s10 | i.type | Type item samenstelling (code) | Item type of assembled item (code)
Composition | !s40 | i.code | Samenstelling | Assembled item
Seq | i10 | line.seq | Volgnummer | Sequence number
PartType | !s10 | x.type | Onderdeel type item (code) | Item type of part (code)
Part | !s40 | l.ItCd | Onderdeel | Part
PartDim1 | !s10 | x.dim1 | Artikeldimensiecode 1 | Article dimension code 1
PartDim2 | !s10 | x.dim2 | Artikeldimensiecode 2 | Article dimension code 2
Quantity | n16,5 | l.QuUn | Aantal | Number
Required | b | x.required | Verplicht onderdeel | Mandatory part
KeepStock | b | x.keep | Voorraad bijhouden | Track stock
Modified | d | line.modified | Gewijzigd op | Changed on
"""
_PRICE_LISTS = """
PriceList | !s5 | r.PriceList | Prijslijst | Price list
Description | s100 | r.Description | Omschrijving | Description
Currency | !s3 | r.Currency | Valuta | Currency
InclVat | b | r.InclVat | Prijs incl. btw | Price incl. VAT
ValidFrom | d | r.ValidFrom | Begindatum | Start date
ValidUntil | d | r.ValidUntil | Einddatum | End date
Blocked | b | r.Blocked | Geblokkeerd | Blocked
Modified | d | r.modified | Gewijzigd op | Changed on
"""
_PRICES = """
PriceList | !s5 | x.list | Prijslijst | Price list
ItemType | !s10 | i.type | Type item (code) | Item type (code)
Item | !s40 | i.code | Itemcode | Item code
Dim1 | !s10 | x.dim1 | Artikeldimensiecode 1 | Article dimension code 1
Dim2 | !s10 | x.dim2 | Artikeldimensiecode 2 | Article dimension code 2
QuantityFrom | n16,5 | x.quantity | Hoeveelheid vanaf | Quantity from
ValidFrom | d | h.DaBg | Begindatum | Start date
Unit | !s15 | h.BiUn | Eenheid | Unit
BaseUnit | !s15 | i.unit | Basiseenheid | Basic unit
Currency | !s3 | h.CuId | Valuta | Currency
Price | n26,10 | h.Pric | Verkoopprijs | Sales price
PriceFactor | i10 | f.PrFc | Prijsfactor | Price factor
InclVat | b | x.incl | Prijs incl. btw | Price incl. VAT
ValidUntil | d | h.DaEn | Einddatum | End date
WebEnabled | b | x.web | E-commerce beschikbaar | E-commerce available
VatGroup | !s4 | f.VaRc | Btw-tariefgroep | VAT rate group
VatPercent | n5,2 | vat.percentage | Btw-percentage | VAT percentage
Debtor | !s16 | x.debtor | Verkooprelatie | Sales contact
Blocked | b | x.blocked | Geblokkeerd | Blocked
Modified | d | doc.modified | Gewijzigd op | Changed on
"""
_CATEGORIES = """
Category | !s15 | r.Category | Webshop categorie | Web shop category
Description | s100 | r.Description | Omschrijving | Description
DescriptionEn | s100 | r.DescriptionEn | Omschrijving (Engels) | Description (English)
Parent | !s15 | r.Parent | Bovenliggende categorie | Parent category
Position | i10 | r.Position | Volgorde | Order
Blocked | b | r.Blocked | Geblokkeerd | Blocked
Modified | d | r.modified | Gewijzigd op | Changed on
"""
_RELATIONS = """
ItemType | !s10 | r.ItemType | Type item (code) | Item type (code)
Item | !s40 | r.Item | Itemcode | Item code
RelatedType | !s10 | r.RelatedType | Gerelateerd type item (code) | Related item type (code)
Related | !s40 | r.Related | Gerelateerd item | Related item
Kind | !s10 | r.Kind | Soort relatie | Kind of relation
Position | i10 | r.Position | Volgorde | Order
BothWays | b | r.BothWays | Wederzijds | Both ways
Modified | d | r.modified | Gewijzigd op | Changed on
"""
_GROUPS = """
Group | !s10 | r.Group | Klantgroep | Customer group
Description | s100 | r.Description | Omschrijving | Description
PriceList | !s5 | r.PriceList | Prijslijst | Price list
DiscountPercent | n5,2 | r.DiscountPercent | Kortingspercentage | Discount percentage
Blocked | b | r.Blocked | Geblokkeerd | Blocked
Modified | d | r.modified | Gewijzigd op | Changed on
"""

GOODS = (
    Connector(
        PRODUCTS, Label("Artikelen webshop", "Web shop products"), "products",
        table("\n".join(part.strip() for part in (_PRODUCTS, _IMAGES, _FREE, _DATES))),
    ),
    Connector("Commerce_Variants", Label("Varianten webshop", "Web shop variants"), "variants", table(_VARIANTS)),
    Connector("Commerce_Stock", Label("Voorraad webshop", "Web shop stock"), "stock", table(_STOCK)),
    Connector(
        "Commerce_PurchaseLines", Label("Inkooporderregels webshop", "Web shop purchase lines"), "purchase_lines",
        table(_PURCHASE_LINES),
    ),
    Connector(
        "Commerce_Compositions", Label("Samenstellingen webshop", "Web shop assembled items"), "compositions",
        table(_COMPOSITIONS),
    ),
    Connector(
        "Commerce_PriceLists", Label("Prijslijsten webshop", "Web shop price lists"), "price_lists",
        table(_PRICE_LISTS),
    ),
    Connector("Commerce_Prices", Label("Prijzen webshop", "Web shop prices"), "prices", table(_PRICES)),
    Connector(
        "Commerce_Categories", Label("Categorieën webshop", "Web shop categories"), "categories", table(_CATEGORIES)
    ),
    Connector(
        "Commerce_ProductRelations", Label("Artikelrelaties webshop", "Web shop product relations"),
        "product_relations", table(_RELATIONS),
    ),
    Connector(
        "Commerce_CustomerGroups", Label("Klantgroepen webshop", "Web shop customer groups"), "customer_groups",
        table(_GROUPS),
    ),
)  # fmt: skip
"""Our connectors of the shop side, field by field."""
FREE_FIELDS = table(_FREE)
"""The free fields of an item's E-commerce tab, with the labels that an environment starts with."""
BY_NAME = {one.name: one for one in GOODS}
