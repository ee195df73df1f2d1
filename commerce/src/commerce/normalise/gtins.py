"""GS1's numbers of trade items."""

from __future__ import annotations

LENGTHS = frozenset({8, 12, 13, 14})
"""Digits that a number can have."""


def check_digit(digits: str) -> int:
    """GS1's check digit of a number without it: weights 3 and 1 in turn, from the right."""
    return -sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits))) % 10


def is_gtin(text: str) -> bool:
    """Whether a text is a GTIN of 8, 12, 13 or 14 digits with the right check digit, and not all zeros."""
    if not (text.isascii() and text.isdigit() and len(text) in LENGTHS and text.strip("0")):
        return False
    return check_digit(text[:-1]) == int(text[-1])
