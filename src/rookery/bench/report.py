"""What a run found: named figures with units, shown as tables and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

Figure = str | int | float


@dataclass(slots=True)
class Section:
    """One table: a line per thing measured, a column per figure."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Figure, ...]] = field(default_factory=list["tuple[Figure, ...]"])
    notes: list[str] = field(default_factory=list[str])

    def add(self, *cells: Figure) -> None:
        """Enter a line."""
        self.rows.append(cells)


@dataclass(slots=True)
class Report:
    """A whole run."""

    sections: list[Section] = field(default_factory=list[Section])

    def section(self, title: str, *columns: str) -> Section:
        """Begin a table."""
        section = Section(title, columns)
        self.sections.append(section)
        return section

    def print(self, console: Console) -> None:
        """Show every table."""
        for section in self.sections:
            table = Table(title=section.title, title_justify="left")
            for place, column in enumerate(section.columns):
                table.add_column(column, justify="left" if place == 0 else "right")
            for row in section.rows:
                table.add_row(*map(_shown, row))
            console.print(table)
            for note in section.notes:
                console.print(note, highlight=False)
            console.print()

    def as_json(self) -> list[dict[str, Any]]:
        """Return the tables as plain values, numbers as they were measured."""
        return [
            {
                "title": section.title,
                "rows": [dict(zip(section.columns, row, strict=True)) for row in section.rows],
                "notes": section.notes,
            }
            for section in self.sections
        ]


def spread(took_ms: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, what 99 of 100 stay below, and the longest."""
    ordered = sorted(took_ms)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1]


def _shown(value: Figure) -> str:
    """Round to what can be read."""
    if isinstance(value, float):
        return (
            f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"
        )
    return f"{value:,}" if isinstance(value, int) else str(value)
