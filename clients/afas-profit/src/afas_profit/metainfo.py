"""Models of the metainfo answers (read-api 3). Versions of Profit differ, so everything but the ids may be missing."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _text(value: Any) -> Any:
    return "" if value is None else str(value)


def _count(value: Any) -> Any:
    return 0 if value in (None, "") else value


def _flag(value: Any) -> Any:
    """Older versions send yes and no as text."""
    return value.strip().lower() in ("true", "1") if isinstance(value, str) else bool(value)


def _list(value: Any) -> Any:
    return [] if value is None else value


Text = Annotated[str, BeforeValidator(_text)]
Count = Annotated[int, BeforeValidator(_count)]
Flag = Annotated[bool, BeforeValidator(_flag)]


class _Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class ConnectorRef(_Model):
    """A connector that the app connector is authorised for."""

    id: str
    description: Text = ""


class Info(_Model):
    """About the token and its environment.

    Attributes:
        environment_id: full code, such as `O12345AA`.
        app_name: description of the app connector.
        group: user group and user.
        token_expiry: as AFAS prints it; `0` is never, the form of a date is not known.
    """

    environment_id: Text = Field("", alias="envid")
    app_name: Text = ""
    group: Text = ""
    token_expiry: Text = ""


class MetaInfo(_Model):
    """What a token may use. `info` is None in old versions."""

    update_connectors: Annotated[list[ConnectorRef], BeforeValidator(_list)] = []
    get_connectors: Annotated[list[ConnectorRef], BeforeValidator(_list)] = []
    info: Info | None = None


class CodeValue(_Model):
    """One value of a code field."""

    id: Text
    description: Text = ""


class GetField(_Model):
    """A field of a GetConnector.

    Attributes:
        id: the key in rows, and the name in filters and sorts.
        field_id: internal id in the connector's definition.
        data_type: `string`, `int`, `decimal`, `boolean`, `date` (with or without time) or `blob`.
        label: in the client's language.
        length: most characters, or digits in total.
        decimals: digits after the dot; 0 when AFAS does not say.
    """

    id: str
    field_id: Text = ""
    data_type: Text = ""
    label: Text = ""
    length: Count = 0
    control_type: Count = 0
    decimals: Count = 0
    decimals_field_id: Text = ""
    values: list[CodeValue] | None = None


class GetConnectorInfo(_Model):
    """Definition of a GetConnector. It knows no keys: those are the user's to say."""

    name: Text = ""
    description: Text = ""
    fields: Annotated[list[GetField], BeforeValidator(_list)] = []

    @property
    def field_ids(self) -> list[str]:
        """Field ids in the order of the rows."""
        return [field.id for field in self.fields]


class UpdateField(_Model):
    """A field of an UpdateConnector.

    Attributes:
        field_id: the code used in bodies; `U` and 32 hex digits for a free field.
        mandatory: AFAS's flag, which is no rule for every call (write-api 1.9).
        not_zero: 0 is refused.
        length: most characters, or digits in total; 0 when AFAS does not say.
        values: codes with descriptions, or None.
    """

    field_id: str
    primary_key: Flag = False
    data_type: Text = ""
    label: Text = ""
    mandatory: Flag = False
    length: Count = 0
    decimals: Count = 0
    decimal_field_id: Text = ""
    not_zero: Flag = Field(default=False, alias="notzero")
    control_type: Count = 0
    values: list[CodeValue] | None = None


class UpdateObject(_Model):
    """An object of a write schema, with the objects below it."""

    name: Text = ""
    fields: Annotated[list[UpdateField], BeforeValidator(_list)] = []
    objects: Annotated[list[UpdateObject], BeforeValidator(_list)] = []

    def field(self, code: str) -> UpdateField | None:
        """The field with this code, or None."""
        return next((field for field in self.fields if field.field_id == code), None)

    def object(self, name: str) -> UpdateObject | None:
        """The object with this name, directly below or deeper, or None."""
        for below in self.objects:
            found = below if below.name == name else below.object(name)
            if found is not None:
                return found
        return None


class UpdateConnectorInfo(UpdateObject):
    """Write schema of an UpdateConnector."""

    id: Text = ""
    description: Text = ""
