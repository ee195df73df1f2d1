"""The standard GetConnectors that orders and customers touch: official names, labels and field order."""

from __future__ import annotations

import json
from importlib.resources import files

from sandbox.afas.definitions import Connector, Field
from sandbox.afas.messages import Label

# Field id = column of the source; a field that is not named here stays empty.
_COLUMNS: dict[str, tuple[str, str]] = {
    "Profit_Salesorders": (
        "orders",
        """
        Ordersoort=t.type OrderNumber=doc.number Status=t.status OrderDate=h.OrDa DebtorId=h.DbId CurrencyId=h.CuId
        CustomerReference=h.RfCs Gross=doc.gross Discount=doc.discount TotalAmount=doc.excl VAT=doc.vat
        Quantity=x.quantity InvoiceTotal=doc.incl
        """,
    ),
    "Profit_SalesorderLines": (
        "order_lines",
        """
        OrderNumber=doc.number Status=t.status OrderDate=h.OrDa DebtorId=h.DbId CurrencyId=h.CuId
        CustomerReference=h.RfCs SeqNo=line.seq LineStatusCode=line.status LineGuid=line.guid ItemTypeCode=n.letters
        ItemCodeId=l.ItCd Description=l.Ds UnitId=l.BiUn PiecePerUnit=l.QuUn PricePerUnit=l.Upri
        AmtRowDiscount=line.discount PriceNet=n.net AmtTotal=line.amount CreateDate=line.created
        ModifiedDate=line.modified
        """,
    ),
    "Profit_Debtor": (
        "debtors",
        """
        DebtorId=debtor.number DebtorName=x.name BcCo=debtor.bcco SearchName=pf.SeNm AdressLine1=lines.1
        AdressLine3=lines.3 AdressLine4=lines.4 TelNr=x.phone Email=x.mail IBAN=x.iban VatNr=d.VaId
        ChOfCommNr=pf.CcNr CollectAccount=d.ColA PayCon=d.PaCd VatDuty=d.VaDu Blocked=x.blocked CreditLimit=d.Krli
        CurrencyId=d.CuId AutoPayment=x.collect CreateDate=debtor.created ModifiedDate=debtor.modified
        """,
    ),
    "Profit_OrgPer": (
        "parties",
        """
        BcCo=party.bcco Type=t.type SearchName=pf.SeNm Name=x.name AdressLine1=lines.1 AdressLine3=lines.3
        AdressLine4=lines.4 TelWork=pf.TeNr MailWork=pf.EmAd Homepage=pf.HoPa Note=pf.Re ChOfCommNr=pf.CcNr
        DateBirth=pf.DaBi BSN=pf.SoSe
        """,
    ),
    "Profit_Contacts": (
        "contacts",
        """
        Type=c.type ContactId=c.id Name=x.name OrgNumber=x.organisation PerNumber=x.person Department=cf.ExAd
        Blocked=x.contact_blocked AddressLine1=lines.1 AddressLine3=lines.3 AddressLine4=lines.4
        TelWork=x.phone_work MobWork=x.mobile_work MailWork=x.mail Note=cf.Re Function=cf.ViFu FunctionCard=cf.FuDs
        FullName=x.name Gender=human.ViGe TelPrivate=human.TeN2 MobPrivate=human.MbN2 MailPrivate=human.EmA2
        CreateDate=c.created ModifiedDate=x.modified
        """,
    ),
    "Profit_Deliveryaddress": (
        "delivery_addresses",
        """
        OrgId=c.bcco Bedrijf=x.party_name Tel=x.phone_work Fax=pf.FaNr Mail=x.mail Gewijzigd_op=c.modified
        Gewijzigd_op_2=a.modified Is_debiteur=x.is_debtor Adres_ID=a.id Adrestype_code=a.StAd A_Straat=a.Ad
        A_Huisnummer=a.HmNr A_Toev_Huisnr.=a.HmAd A_Postcode=a.ZpCd A_Woonplaats=a.Rs Adrestype_code_2=kind.code
        A_Land=a.iso DebiteurID=debtor.number
        """,
    ),
    "Profit_Address": (
        "addresses",
        """
        AddressId=a.id AddressLine=lines.one PoBox=a.PbAd AddressAdd=a.StAd Address=a.Ad Number=a.HmNr
        NumberAdd=a.HmAd ZipCode=a.ZpCd Recidence=a.Rs Country=a.CoId Addition=a.AdAd CreateDate=a.created
        ModifiedDate=a.modified
        """,
    ),
    "Profit_Article": (
        "articles",
        """
        ItemCode=i.code Description=f.Ds ExtraDescription=f.DsEx UnitId=i.unit Factor=f.PrFc ArtGroup=f.Grp
        Blocked=f.Bl Barcode=f.BaCo VATGroup=f.VaRc ItemSortCode=f.ArSu ItemTypeCode=f.VaTp Stock=f.BiSt
        BitDecimals=f.BiDc PriceGroup=f.PrGr StockCode=f.StCh StockDimId1=f.StD1 StockDimId2=f.StD2
        CreateDate=i.created ModifiedDate=i.modified
        """,
    ),
    "Profit_Article_Basic": (
        "articles",
        """
        ItemCode=i.code Description=f.Ds UnitId=i.unit ArtGroup=f.Grp Blocked=f.Bl VATgroup=f.VaRc
        BasicSalesPrice=f.SaPrice StockActual=i.stock
        """,
    ),
    "Profit_Administrations": (
        "administrations",
        """
        AdminId=r.id AdminNm=r.nl AdminCd=r.code
        """,
    ),
    "Profit_Journals": (
        "journals",
        """
        UnitId=r.unit JournalId=r.code Description=r.nl JournalType=r.type Blocked=r.blocked
        """,
    ),
    "Profit_Warehouses": (
        "warehouses",
        """
        Warehouse=r.code Description=r.nl UnitIdFin=r.unit Blocked=r.blocked CreateDate=r.created
        ModifiedDate=r.modified
        """,
    ),
    "Profit_VAT_code": (
        "vat",
        """
        VatCode=r.code Description=r.nl AccountNr=r.account VatPerc=r.percentage VatDuty=r.duty Blocked=r.blocked
        VatMethod=r.method VatType=r.type
        """,
    ),
    "Profit_Projects": (
        "projects",
        """
        ProjectId=r.code Description=r.nl UnitId=r.unit ProjectGroup=r.group CheckedOut=r.closed
        CreateDate=r.created ModifiedDate=r.modified
        """,
    ),
    "Profit_Deliverynotes": (
        "delivery_notes",
        """
        Pakbonnummer=doc.number Type_order=t.type
        """,
    ),
    "ProfitCountries": (
        "countries",
        """
        CoId=r.code Co=t.name
        """,
    ),
    "ProfitGetConnectoren": (
        "connectors",
        """
        Omschrijving=r.nl Naam=r.name Geblokkeerd=r.blocked
        """,
    ),
    "Profit_Subjects": (
        "records/KnSubject",
        """
        TypeId=h.StId SubjectId=h.SbId DateCreated=h.Da Subject=h.Ds Comment=h.SbTx FeV1=h.FvF1 FeV2=h.FvF2 FeV3=h.FvF3
        Source=h.SbHi Responsible=h.EmId StartDate=h.DtFr EndDate=h.DtTo Afgehandeld=h.St Datum_afgehandeld=h.DtSt
        Bron=h.ScId Type_actie=h.SaId Prioriteit=h.ViPr
        """,
    ),
    "Profit_Transactions": (
        "records/FiEntries/FiEntries",
        """
        UnitId=h.UnId EntryNo=h.EnNo SeqNo=line.seq Year=h.Year Period=h.Peri JournalId=h.JoCo AccountNo=l.AcNr
        AmtDebit=l.AmDe AmtCredit=l.AmCr EntryDate=l.EnDa InvoiceId=l.InId VoucherDate=l.BpDa VoucherNo=l.BpNr
        VatCode=l.VaId Description=l.Ds Created=line.created Modified=line.modified
        """,
    ),
    "Profit_Unit_per_Item": (
        "records/FbUnitBasicItem",
        """
        ItemType=h.VaIt ItemCode=h.ItCd UnitId=h.BiUn Amount=h.Qu
        """,
    ),
    "Profit_Barcode_per_Item": (
        "barcodes",
        """
        ItemType=x.type ItemCode=x.item UnitId=x.unit BarcodeType=x.kind Barcode=x.barcode StockDimCode1=x.dim1
        StockDimCode2=x.dim2
        """,
    ),
    "Profit_Stock": (
        "stock",
        """
        ItemTypeCode=x.letters ItemCodeId=i.code Description=f.Ds WareHouse=x.warehouse StockActual=s.on_hand
        StockEconomic=s.economic UnitId=i.unit StockDimCode1=x.dim1 StockDimCode2=x.dim2
        """,
    ),
    "Profit_SalesPrice": (
        "debtor_prices",
        """
        Debtor=q.Debtor Date=q.Date Currency=q.Currency Volume=q.Volume Level=q.Level Item=i.code Description=f.Ds
        Quantity=x.quantity Unit=i.unit GrossPrice=x.price Discount=x.off Nettoprijs=x.price
        """,
    ),
    "Profit_Composition": (
        "compositions",
        """
        CompositionId=i.code Description=f.Ds UnitId=i.unit Blocked=f.Bl CompXpl=f.VaCt Artikelgroep=f.Grp
        ItemType=x.letters ItemCode=l.ItCd AllwaysActive=x.required PresentationSeqno=l.PrSe Quantity=l.QuUn
        UnitId2=l.BiUn CreateDate=line.created ModifiedDate=line.modified
        """,
    ),
    "Profit_Accounts": (
        "accounts",
        """
        Account=r.code Description=t.name Type=f.VaAt Sort=f.VaPc Blocked=r.blocked CollectAccount=f.SaYn
        CollectAccountType=f.CoAc CollectOn=f.ColA VatAllowed=f.VaYn VatCode=f.VaCo Budget=f.VaBu ToProject=f.VaPp
        DimAx1=f.VaA1 DimAx2=f.VaA2 DimAx3=f.VaA3 DimAx4=f.VaA4 DimAx5=f.VaA5
        """,
    ),
}
_LENGTHS = {
    "DebtorId": 16, "DebtorName": 80, "BcCo": 15, "SearchName": 10, "IBAN": 40, "VatNr": 21, "ChOfCommNr": 30,
    "CollectAccount": 16, "PayCon": 5, "VatDuty": 3, "CurrencyId": 3, "OrderNumber": 12, "CustomerReference": 100,
    "ItemCode": 40, "ItemCodeId": 40, "ArtGroup": 15, "UnitId": 15, "VATGroup": 4, "VATgroup": 4, "Barcode": 30,
    "PriceGroup": 10, "StockDimId1": 10, "StockDimId2": 10, "Warehouse": 15, "JournalId": 6, "ProjectId": 15,
    "WareHouse": 15, "Location": 15, "StockDimCode1": 10, "StockDimCode2": 10, "Currency": 3, "Debtor": 16, "Item": 40,
    "Unit": 15, "UnitId2": 15, "CompositionId": 40, "Artikelgroep": 15,
    "CoId": 3, "LineGuid": 38, "AdminNm": 80, "AdminCd": 10,
}  # fmt: skip
_DECIMALS = {"n": (26, 10), "i": (10, 0)}


def standard() -> tuple[Connector, ...]:
    """The connectors, from the official field lists."""
    listed = json.loads(files("sandbox.afas").joinpath("data/get_connectors.json").read_text("utf-8"))
    return tuple(_connector(name, one) for name, one in listed.items())


def _connector(name: str, one: dict[str, object]) -> Connector:
    source, text = _COLUMNS[name]
    columns = dict(part.split("=") for part in text.split())
    fields = []
    for identity, kind, nl, en in one["fields"]:  # type: ignore[attr-defined]
        if (name, identity) == ("Profit_Administrations", "AdminId"):
            length, decimals = 3, 0
        elif kind in _DECIMALS:
            length, decimals = _DECIMALS[kind]
        else:
            length, decimals = (_LENGTHS.get(identity, 255), 0) if kind == "s" else (0, 0)
        column = columns.get(identity, "")
        fields.append(Field(identity, kind, Label(nl, en), column, length, decimals, _lookup(identity)))
    return Connector(name, Label(str(one["nl"]), str(one["en"])), source, tuple(fields))


def _lookup(identity: str) -> bool:
    return identity.endswith(("Id", "Code")) or identity in {"BcCo", "OrderNumber"}
