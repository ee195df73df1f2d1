"""Credentials. Both kinds of key use HTTP Basic: the API key as user, and one of two passwords."""

from __future__ import annotations

import hashlib

HOSTS = {
    "eu1": "https://api.webshopapp.com",
    "live": "https://api.webshopapp.com",
    "us1": "https://api.shoplightspeed.com",
}
"""Base URL per cluster (``live`` is an old name of ``eu1``)."""


def app_password(token: str, app_secret: str) -> str:
    """Return the password of an *app* key for one shop: the md5 of token and app secret, in lower-case hex.

    A *private* key needs no such thing: its secret is the password as it is.

    Args:
        token: The shop's token from the install callback.
        app_secret: The secret of the app, the same for every shop.
    """
    return hashlib.md5(f"{token}{app_secret}".encode(), usedforsecurity=False).hexdigest()


def base_url(cluster: str, override: str | None = None) -> str:
    """Return the address of the API without the language.

    Args:
        cluster: ``eu1`` or ``us1``.
        override: Another address, for instance of a sandbox. Without TLS only on this very machine.

    Raises:
        ValueError: Unknown cluster, or a plain ``http`` address elsewhere: the key would travel in the open.
    """
    if not override:
        if cluster not in HOSTS:
            raise ValueError(f"unknown cluster {cluster!r}: use one of {', '.join(sorted(HOSTS))}")
        return HOSTS[cluster]
    scheme, _, rest = override.partition("://")
    host = rest.split("/")[0].rsplit(":", 1)[0].strip("[]")
    if scheme == "https" or (scheme == "http" and host in {"127.0.0.1", "localhost", "::1"}):
        return override.rstrip("/")
    raise ValueError(f"base_url {override!r}: needs https (plain http only on 127.0.0.1 or localhost)")
