"""Where hypothesis takes its chances from in the campaign: each seed has its own source, every number is as likely.

Hypothesis's own way suits the search for a failing value in a thousand short tests: it favours small numbers and varies
what it tried before. A campaign wants lives that have nothing in common, and each of them again by its number alone.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

if TYPE_CHECKING:
    from hypothesis.internal.conjecture.data import ConjectureData

NAME = "campaign"


class Even(HypothesisProvider):
    """Draws from a source that `seed` sets, evenly."""

    seed: ClassVar[str] = ""

    def __init__(self, conjecturedata: ConjectureData | None, /) -> None:
        super().__init__(conjecturedata)
        self._random = random.Random(self.seed)

    def draw_integer(self, min_value: int | None = None, max_value: int | None = None, **_: Any) -> int:
        """A number between two bounds."""
        assert self._random is not None
        return self._random.randint(min_value or 0, max_value if max_value is not None else 1_000_000)


AVAILABLE_PROVIDERS[NAME] = f"{__name__}.Even"
