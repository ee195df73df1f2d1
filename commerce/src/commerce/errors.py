"""What can go wrong while mapping.

::

    CommerceError
    ├── MappingError      one record can't be mapped: it travels on with ``_error``, the target holds it
    └── SettingsError     the settings are wrong: the mapper stops before the first record (exit 2)
        └── FieldError    they name a field that the source doesn't have

``_error`` is ``<code>`` or ``<code>: <field path>``, never a value of the record: it ends up in state, where no
personal data may rest. ``split_error`` takes it apart again.
"""

from __future__ import annotations


class CommerceError(Exception):
    """Base of all errors of this package."""


class MappingError(CommerceError):
    """One record can't be mapped.

    Args:
        code: What is wrong, in snake case; see the table in the README.
        field: Path of the field it concerns (``products.3.taxRate``), or "".
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(f"{code}: {field}" if field else code)
        self.code, self.field = code, field


class SettingsError(CommerceError):
    """The settings can't be used; the message says which one and why."""


class FieldError(SettingsError):
    """The settings name a field, or a label of one, that the source doesn't have.

    Args:
        setting: The setting, as a dotted path.
        name: The field or label that it names.
        reason: Why it can't be used.
    """

    def __init__(self, setting: str, name: str, reason: str) -> None:
        super().__init__(f"{setting}: {reason}")
        self.setting, self.name, self._reason = setting, name, reason

    def placed(self, place: str) -> str:
        """The message with the place where the setting is written down, such as `` (meltano.yml line 12)``."""
        return f"{self.setting}{place}: {self._reason}"


def split_error(text: str) -> tuple[str, str]:
    """Take the ``_error`` of a record apart.

    Args:
        text: The value of ``_error``.

    Returns:
        The code and the field path ("" when there is none).
    """
    code, _, field = text.partition(":")
    return code.strip(), field.strip()
