"""Country codes: AFAS uses its own in addresses and bank accounts, mostly those of licence plates (write-api 2.18).

VAT countries (`CoLa`) use two-letter ISO codes, not these.
"""

from __future__ import annotations

# ISO 3166-1 alpha-2 codes that are AFAS's own codes too.
_SAME = """
    AE AG AL AM AW AX AZ BA BD BG BL BM BQ BR BS BT BY CH CI CN CO CR CV CW CY CZ DK DZ EC EE GA GB GE GF GG GH GN
    GP GR GW HK HR IL IM IR IS JE KG KM KN KZ LS LT LV MA MC MD MF MK MO MQ MV MW NL NR NZ PA PE PK PL PR PY QA RO
    SB SK SN SS ST SX TG TN TO TR TT TV UA VN VU XK YU ZA ZW
"""

# ISO code:AFAS code, where they differ. Some AFAS codes are ISO codes of other countries: AFAS's AN is Angola.
_DIFFERENT = """
    AD:AND AF:AFG AI:AIA AN:NA AO:AN AQ:ATA AR:RA AS:ASM AT:A AU:AUS BB:BDS BE:B BF:BU BH:BRN BI:RU BJ:DY BN:BRU
    BO:BOL BV:BVT BW:RB BZ:BH CA:CDN CC:CCK CD:ZRE CF:RCA CG:RCB CK:COK CL:RCH CM:TC CU:C CX:CXR DE:D DJ:DJI DM:WD
    DO:DOM EG:ET EH:ESH ER:ERI ES:E ET:ETH FI:FIN FJ:FJI FK:FLK FM:MIC FO:FRO FR:F GD:WG GI:GIB GL:GRO GM:WAG GQ:EQ
    GS:SGS GT:GCA GU:GUM GY:GUY HM:HMD HN:HON HT:RH HU:H ID:RI IE:IRL IN:IND IO:IOT IQ:IRQ IT:I JM:JA JO:HKJ JP:J
    KE:EAK KH:K KI:KIR KP:KO KR:ROK KW:KWT KY:CYM LA:LAO LB:RL LC:WL LI:FL LK:CL LR:LB LU:L LY:LAR ME:MNE MG:RM
    MH:MAR ML:RMM MM:BUR MN:MON MP:MNP MR:RIM MS:MSR MT:M MU:MS MX:MEX MY:MAL MZ:MOC NA:SWA NC:NCL NE:RN NF:NFK
    NG:WAN NI:NIC NO:N NP:NPL NU:NIU OM:OMA PF:PYF PG:PNG PH:RP PM:SPM PN:PCN PS:PSE PT:P PW:PLW RE:REU RS:SRB
    RU:RUS RW:RWA SA:AS SC:SY SD:SUD SE:S SG:SGP SH:SHN SI:SLO SJ:SJM SL:WAL SM:RSM SO:SP SR:SME SV:EL SY:SYR SZ:SD
    TC:TCA TD:TS TF:ATF TH:T TJ:TAD TK:TKL TL:TLS TM:TMN TW:RC TZ:EAT UG:EAU UM:UMI US:USA UY:ROU UZ:OEZ VA:VAT
    VC:WV VE:YV VG:VGB VI:VIR WF:WLF WS:WSM YE:YMN YT:MYT ZM:Z
"""

_TO_AFAS = {code: code for code in _SAME.split()} | dict(pair.split(":") for pair in _DIFFERENT.split())
_FROM_AFAS = {afas: iso for iso, afas in _TO_AFAS.items()}


def country_to_afas(iso: str) -> str:
    """AFAS's code of a country.

    Args:
        iso: ISO 3166-1 alpha-2, any case.

    Returns:
        The code for `CoId`: `BE` gives `B`.

    Raises:
        KeyError: AFAS has no code for it.
    """
    return _TO_AFAS[iso.strip().upper()]


def country_from_afas(code: str) -> str:
    """The ISO 3166-1 alpha-2 code of one of AFAS's country codes.

    Raises:
        KeyError: not a code of AFAS; an environment may have codes of its own.
    """
    return _FROM_AFAS[code.strip().upper()]
