"""What the demo shows: one width, readable in a terminal and in a file, and a count of what did not hold."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 100
_INDENT = 2


@dataclass
class Screen:
    """Where the story is told.

    Attributes:
        checks: How many things were looked at.
        failed: Those that did not hold.
    """

    checks: int = 0
    failed: list[str] = field(default_factory=list)
    _console: Console = field(
        default_factory=lambda: Console(width=WIDTH, highlight=False, markup=False, emoji=False, soft_wrap=False)
    )

    def title(self, text: str) -> None:
        """A heading."""
        self._console.print(f"\n{text}", style="bold")

    def say(self, text: str, style: str = "") -> None:
        """A line of the story; a long one goes on below."""
        self._lines("", text, style)

    def aside(self, text: str) -> None:
        """A line that may be skipped."""
        self._lines("", text, "dim")

    def check(self, fine: bool, text: str) -> bool:
        """Print whether something holds, and remember it.

        Returns:
            Whether it holds.
        """
        self.checks += 1
        if fine:
            self._lines("✓ ", text, "", "green")
        else:
            self.failed.append(text)
            self._lines("✗ not so: ", text, "", "bold red")
        return fine

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[int] = ()) -> None:
        """A table; columns named in `numbers` are set to the right.

        Args:
            heads: Names of the columns; the first column may wrap.
            rows: Their values.
            numbers: Positions of columns with numbers.
        """
        made = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False, padding=(0, 2, 0, 0))
        for at, head in enumerate(heads):
            made.add_column(head, justify="right" if at in numbers else "left", no_wrap=at in numbers)
        for row in rows:
            made.add_row(*(one if isinstance(one, Text) else str(one) for one in row))
        self._console.print(_indented(made))

    def frame(self, title: str, rows: Iterable[tuple[str, str]], *, good: bool) -> None:
        """The box at the end: names on the left, what came out on the right."""
        made = Table(
            box=box.ROUNDED,
            show_header=False,
            title=title,
            title_style="bold green" if good else "bold red",
            width=WIDTH,
            border_style="green" if good else "red",
        )
        made.add_column(no_wrap=True, style="bold")
        made.add_column(ratio=1)
        for name, text in rows:
            if name or text:
                made.add_row(name, Text(text))
            else:
                made.add_section()
        self._console.print()
        self._console.print(made)

    def stop(self, text: str) -> None:
        """A last line on standard error."""
        print(text, file=sys.stderr)

    def _lines(self, mark: str, text: str, style: str, mark_style: str = "") -> None:
        """A paragraph behind a mark, its further lines below the first."""
        head = " " * _INDENT + mark
        lines = textwrap.wrap(text, WIDTH - len(head), break_on_hyphens=False, break_long_words=False) or [""]
        for at, line in enumerate(lines):
            start = Text(head if at == 0 else " " * len(head), style=mark_style)
            self._console.print((start + Text(line, style=style)) if line else "", soft_wrap=True)


def marked(good: bool, text: str) -> Text:
    """A cell that is green or red."""
    return Text(text, style="green" if good else "bold red")


def _indented(made: Table) -> Table:
    grid = Table.grid(padding=0)
    grid.add_column()
    grid.add_column()
    grid.add_row(" " * _INDENT, made)
    return grid
