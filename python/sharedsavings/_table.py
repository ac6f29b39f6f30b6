"""Small tables that print well in a terminal and in a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """A titled table of text.

    Attributes
    ----------
    title : str
        Printed above; empty for none.
    columns : tuple of str
        Headings.
    rows : sequence of tuple of str
        Cells, one tuple a row.
    notes : tuple of str
        Lines printed below.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        lines = [self.title] if self.title else []
        grid: list[tuple[str, ...]] = [self.columns, *self.rows]
        widths = [max(len(row[i]) for row in grid) for i in range(len(self.columns))]
        numeric = [all(_is_number(row[i]) for row in self.rows) for i in range(len(self.columns))]
        for at, row in enumerate(grid):
            cells = (
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(row, widths, numeric, strict=True)
            )
            lines.append("  ".join(cells).rstrip())
            if at == 0:
                lines.append("  ".join("-" * width for width in widths))
        return "\n".join([*lines, *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def row(cells: Sequence[str], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

        body = "".join(row(r, "td") for r in self.rows)
        title = f"<caption>{html.escape(self.title)}</caption>" if self.title else ""
        notes = "".join(f"<p><small>{html.escape(n)}</small></p>" for n in self.notes)
        return f"<table>{title}<thead>{row(self.columns, 'th')}</thead><tbody>{body}</tbody></table>{notes}"


def _is_number(cell: str) -> bool:
    cell = cell.partition(" of ")[0]  # a part of a whole
    return cell in ("", "-") or cell.lstrip("-$").replace(",", "").replace(".", "").rstrip(" %").isdigit()
