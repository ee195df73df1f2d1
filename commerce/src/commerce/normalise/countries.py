"""Countries: ISO 3166-1 alpha-2, the European Union, and standard VAT rates inside it."""

from __future__ import annotations

from decimal import Decimal

# ISO 3166-1: alpha-3 followed by alpha-2.
_TABLE = """
ABW AW AFG AF AGO AO AIA AI ALA AX ALB AL AND AD ARE AE ARG AR ARM AM ASM AS ATA AQ ATF TF ATG AG AUS AU AUT AT AZE AZ
BDI BI BEL BE BEN BJ BES BQ BFA BF BGD BD BGR BG BHR BH BHS BS BIH BA BLM BL BLR BY BLZ BZ BMU BM BOL BO BRA BR BRB BB
BRN BN BTN BT BVT BV BWA BW CAF CF CAN CA CCK CC CHE CH CHL CL CHN CN CIV CI CMR CM COD CD COG CG COK CK COL CO COM KM
CPV CV CRI CR CUB CU CUW CW CXR CX CYM KY CYP CY CZE CZ DEU DE DJI DJ DMA DM DNK DK DOM DO DZA DZ ECU EC EGY EG ERI ER
ESH EH ESP ES EST EE ETH ET FIN FI FJI FJ FLK FK FRA FR FRO FO FSM FM GAB GA GBR GB GEO GE GGY GG GHA GH GIB GI GIN GN
GLP GP GMB GM GNB GW GNQ GQ GRC GR GRD GD GRL GL GTM GT GUF GF GUM GU GUY GY HKG HK HMD HM HND HN HRV HR HTI HT HUN HU
IDN ID IMN IM IND IN IOT IO IRL IE IRN IR IRQ IQ ISL IS ISR IL ITA IT JAM JM JEY JE JOR JO JPN JP KAZ KZ KEN KE KGZ KG
KHM KH KIR KI KNA KN KOR KR KWT KW LAO LA LBN LB LBR LR LBY LY LCA LC LIE LI LKA LK LSO LS LTU LT LUX LU LVA LV MAC MO
MAF MF MAR MA MCO MC MDA MD MDG MG MDV MV MEX MX MHL MH MKD MK MLI ML MLT MT MMR MM MNE ME MNG MN MNP MP MOZ MZ MRT MR
MSR MS MTQ MQ MUS MU MWI MW MYS MY MYT YT NAM NA NCL NC NER NE NFK NF NGA NG NIC NI NIU NU NLD NL NOR NO NPL NP NRU NR
NZL NZ OMN OM PAK PK PAN PA PCN PN PER PE PHL PH PLW PW PNG PG POL PL PRI PR PRK KP PRT PT PRY PY PSE PS PYF PF QAT QA
REU RE ROU RO RUS RU RWA RW SAU SA SDN SD SEN SN SGP SG SGS GS SHN SH SJM SJ SLB SB SLE SL SLV SV SMR SM SOM SO SPM PM
SRB RS SSD SS STP ST SUR SR SVK SK SVN SI SWE SE SWZ SZ SXM SX SYC SC SYR SY TCA TC TCD TD TGO TG THA TH TJK TJ TKL TK
TKM TM TLS TL TON TO TTO TT TUN TN TUR TR TUV TV TWN TW TZA TZ UGA UG UKR UA UMI UM URY UY USA US UZB UZ VAT VA VCT VC
VEN VE VGB VG VIR VI VNM VN VUT VU WLF WF WSM WS YEM YE ZAF ZA ZMB ZM ZWE ZW
"""
_ISO = _TABLE.split()
_BY_ALPHA_3 = dict(zip(_ISO[::2], _ISO[1::2], strict=True))
_ALPHA_2 = frozenset(_BY_ALPHA_3.values())
# Codes in daily use that ISO does not give: the VAT prefix of Greece, and how the United Kingdom is usually written.
_BY_HABIT = {"EL": "GR", "UK": "GB", "XK": "XK"}

# VAT rates in force or lately in force (percent): the standard ones first, then the reduced ones.
# They only tell "whose rate is this"; a rate that is not listed still travels on, with category "unknown".
_RATES: dict[str, tuple[str, str]] = {
    "AT": ("20", "10 13"),
    "BE": ("21", "6 12"),
    "BG": ("20", "9"),
    "CY": ("19", "3 5 9"),
    "CZ": ("21", "10 12 15"),
    "DE": ("19", "7"),
    "DK": ("25", ""),
    "EE": ("20 22 24", "5 9 13"),
    "ES": ("21", "4 10"),
    "FI": ("24 25.5", "10 13.5 14"),
    "FR": ("20", "2.1 5.5 10"),
    "GR": ("24", "6 13"),
    "HR": ("25", "5 13"),
    "HU": ("27", "5 18"),
    "IE": ("23", "4.8 9 13.5"),
    "IT": ("22", "4 5 10"),
    "LT": ("21", "5 9 12"),
    "LU": ("17", "3 8 14"),
    "LV": ("21", "5 12"),
    "MT": ("18", "5 7 12"),
    "NL": ("21", "9"),
    "PL": ("23", "5 8"),
    "PT": ("23", "6 13"),
    "RO": ("19 21", "5 9 11"),
    "SE": ("25", "6 12"),
    "SI": ("22", "5 9.5"),
    "SK": ("20 23", "5 10 19"),
}
EU = frozenset(_RATES)
"""The member states of the European Union, ISO 3166-1 alpha-2."""

STANDARD_RATES = {country: frozenset(map(Decimal, rates[0].split())) for country, rates in _RATES.items()}
REDUCED_RATES = {country: frozenset(map(Decimal, rates[1].split())) for country, rates in _RATES.items()}


def country_code(text: str | None) -> str | None:
    """Normalise a country code.

    Args:
        text: A two- or three-letter code in any case, or None.

    Returns:
        ISO 3166-1 alpha-2 in capitals (``UK`` gives ``GB``), or None when the text is no code of a country.
    """
    code = text.strip().upper() if text else ""
    code = _BY_HABIT.get(code) or _BY_ALPHA_3.get(code) or code
    return code if code in _ALPHA_2 or code == "XK" else None
