"""The text of a file that CMS published as columns of cells.

What is no such file at all (a page of HTML, a spreadsheet, another encoding, half a download) is refused here, by name.
"""

from __future__ import annotations

import csv
import io
import os
from dataclasses import dataclass
from pathlib import Path

from ._errors import InputError

# First bytes of what is often renamed to .csv.
_MAGIC = (
    (b"PK\x03\x04", "a spreadsheet or another archive, not CSV text. Open it and save it as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet, not CSV text. Open it and save it as CSV UTF-8"),
    (b"\x1f\x8b", "compressed, not CSV text. Unpack it first"),
    (b"%PDF", "a PDF, not CSV text. Download the data file instead"),
    (b"\xff\xfe", "not UTF-8 text but UTF-16. Save it as CSV UTF-8"),
    (b"\xfe\xff", "not UTF-8 text but UTF-16. Save it as CSV UTF-8"),
)


@dataclass(frozen=True)
class Text:
    """A file's heading line, and the lines below it.

    Attributes
    ----------
    name : str
        Without its folder.
    headings : list of str
        As they stand, without spaces about them.
    records : list of list of str
        Cells of each row.
    """

    name: str
    headings: list[str]
    records: list[list[str]]

    def table(self) -> dict[str, list[str]]:
        """Cells by heading, in the file's order; a row of another length is refused."""
        wide = len(self.headings)
        short = next((i for i, record in enumerate(self.records) if len(record) != wide), None)
        if short is not None:
            raise InputError(
                f"{self.name}: row {short} has {len(self.records[short])} cells where the heading has {wide}. The file "
                "is cut off or damaged: download it again"
            )
        return {heading: [record[i].strip() for record in self.records] for i, heading in enumerate(self.headings)}


def open_text(path: str | os.PathLike[str]) -> Text:
    """Read the cells; a heading that stands twice is refused."""
    name = Path(path).name
    heading, *records = _records(name, Path(path).read_bytes())
    headings = [cell.strip() for cell in heading]
    doubled = sorted({h for h in headings if headings.count(h) > 1 and h})
    if doubled:
        raise InputError(f"{name}: heading `{doubled[0]}` stands twice. Keep one of the columns")
    return Text(name, headings, records)


def _records(name: str, content: bytes) -> list[list[str]]:
    for magic, what in _MAGIC:
        if content.startswith(magic):
            raise InputError(f"{name}: {what}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not UTF-8 text ({error.reason} at byte {error.start}). Save it as CSV UTF-8"
        ) from None
    if text.lstrip().startswith("<"):
        raise InputError(f"{name}: a page of HTML, not CSV text. Download the data file itself")
    if "\0" in text:
        raise InputError(f"{name}: zero bytes in it: UTF-16 without a mark, or no text. Save it as CSV UTF-8")
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{name}: not a CSV file ({error}). Download the file again") from None
    records = [r for r in records if any(cell.strip() for cell in r)]
    if not records:
        raise InputError(f"{name}: empty. Download the file again")
    return records
