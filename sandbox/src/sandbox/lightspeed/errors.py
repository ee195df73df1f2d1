"""What the API says when it says no."""

from __future__ import annotations

VERBS = {"POST": "CREATE", "GET": "READ", "PUT": "UPDATE", "DELETE": "DELETE"}
"""`error.method` per HTTP verb; only CREATE was ever recorded, the others are assumed."""

INVALID = "Invalid data input."
DENIED = "Access denied."
UNKNOWN_LANGUAGE = "Unknown or inactive language."
TOO_MANY = "Too many requests in this time period. Try again later."


class ApiError(Exception):
    """An answer with an error body.

    Attributes:
        status: HTTP status, also `error.code`.
        message: `error.message`.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def body(status: int, verb: str, path: str, message: str) -> dict[str, object]:
    """The error envelope; `path` with language and `.json`."""
    return {"error": {"code": status, "method": VERBS.get(verb, verb), "request": path, "message": message}}
