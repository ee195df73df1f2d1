"""E-mail addresses: the form in which two spellings of one mailbox are equal."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Practical, not RFC 5322: one @, no blanks, quotes or brackets, a domain of at least two labels.
_SHAPE = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@[^\s@<>()\[\]\\,;:\"]{1,255}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


@lru_cache(maxsize=4096)
def email_address(text: str | None) -> str | None:
    """Normalise an e-mail address: trimmed, without regard to case, the domain in ASCII (IDNA 2008).

    Args:
        text: As typed, or None.

    Returns:
        The normalised address, or None when the text is no address.
    """
    if not text:
        return None
    typed = unicodedata.normalize("NFC", text).strip().removeprefix("mailto:").casefold()
    typed = unicodedata.normalize("NFC", typed)
    if not _SHAPE.fullmatch(typed):
        return None
    local, _, domain = typed.rpartition("@")
    ascii_domain = _ascii(domain.rstrip("."))
    if ascii_domain is None or local.startswith(".") or local.endswith(".") or ".." in local:
        return None
    return f"{local}@{ascii_domain}"


def _ascii(domain: str) -> str | None:
    """The domain's ASCII form, or None when it is no domain name."""
    if not domain.isascii():
        import idna  # noqa: PLC0415  its tables cost 5 MiB, and hardly any domain needs them

        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    return domain
