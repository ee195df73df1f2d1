"""A typed client of the AFAS Profit REST API. Start with `Afas`."""

from afas_profit.auth import Auth, ClassicToken, ClientCredentials
from afas_profit.client import Afas
from afas_profit.clock import SYSTEM_CLOCK, Clock, SystemClock
from afas_profit.countries import country_from_afas, country_to_afas
from afas_profit.edge import Timeouts
from afas_profit.elements import Action, Element, WriteResult
from afas_profit.environment import EnvironmentKind
from afas_profit.errors import (
    AfasError,
    AlreadyExists,
    BadRequest,
    ConnectorBlocked,
    ConnectorDenied,
    FilterTooLong,
    InDoubt,
    Invalid,
    InvalidReason,
    Locked,
    NotAuthorised,
    NotSent,
    Refused,
    Unavailable,
    WriteState,
)
from afas_profit.files import File, ImageSize
from afas_profit.filters import Condition, Filter, Op, all_of, any_of, is_in
from afas_profit.metainfo import (
    CodeValue,
    ConnectorRef,
    GetConnectorInfo,
    GetField,
    Info,
    MetaInfo,
    UpdateConnectorInfo,
    UpdateField,
    UpdateObject,
)
from afas_profit.questions import QUERY_LIMIT, most_rows
from afas_profit.times import from_afas, since, to_afas
from afas_profit.values import Value

__all__ = [
    "QUERY_LIMIT",
    "SYSTEM_CLOCK",
    "Action",
    "Afas",
    "AfasError",
    "AlreadyExists",
    "Auth",
    "BadRequest",
    "ClassicToken",
    "ClientCredentials",
    "Clock",
    "CodeValue",
    "Condition",
    "ConnectorBlocked",
    "ConnectorDenied",
    "ConnectorRef",
    "Element",
    "EnvironmentKind",
    "File",
    "Filter",
    "FilterTooLong",
    "GetConnectorInfo",
    "GetField",
    "ImageSize",
    "InDoubt",
    "Info",
    "Invalid",
    "InvalidReason",
    "Locked",
    "MetaInfo",
    "NotAuthorised",
    "NotSent",
    "Op",
    "Refused",
    "SystemClock",
    "Timeouts",
    "Unavailable",
    "UpdateConnectorInfo",
    "UpdateField",
    "UpdateObject",
    "Value",
    "WriteResult",
    "WriteState",
    "all_of",
    "any_of",
    "country_from_afas",
    "country_to_afas",
    "from_afas",
    "is_in",
    "most_rows",
    "since",
    "to_afas",
]
