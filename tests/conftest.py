"""What more than one file of tests uses: CMS's data, and the doors through which frames come and go."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

ROOT = Path(__file__).resolve().parents[1]

# Two workers share a small machine with the compiler: a slow example is no defect.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session")
def cms_data() -> Path:
    """The folder of data that CMS published; see its README."""
    folder = Path(os.environ.get("SHAREDSAVINGS_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        message = f"no folder of CMS data at {folder}: set SHAREDSAVINGS_DATA to it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder


class Door(Protocol):
    """One kind of data frame."""

    name: str

    def frame(self, columns: Mapping[str, Sequence[Any]]) -> Any:
        """A frame of plain Python values, None for null."""

    def read(self, frame: Any, column: str) -> list[Any]:
        """A column as plain Python values, None for null."""

    def columns(self, frame: Any) -> list[str]:
        """Column names in order."""


class PandasDoor:
    name = "pandas"

    def frame(self, columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
        return pd.DataFrame({name: pd.array(list(v), dtype=_pandas_dtype(v)) for name, v in columns.items()})

    def read(self, frame: pd.DataFrame, column: str) -> list[Any]:
        return [None if pd.isna(value) else value for value in frame[column].tolist()]

    def columns(self, frame: pd.DataFrame) -> list[str]:
        return list(frame.columns)


def _pandas_dtype(values: Sequence[Any]) -> str | None:
    """What people have: floats where floats are, nullable integers and booleans where nulls are among them."""
    kinds = {type(v) for v in values if v is not None}
    if kinds == {bool} and None in values:
        return "boolean"
    if kinds == {int} and None in values:
        return "Int64"
    if kinds and kinds <= {int, float}:
        return "float64" if float in kinds else "int64"
    return None if kinds <= {str, bool} and kinds else "object"


class PolarsDoor:
    name = "polars"

    def frame(self, columns: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
        return pl.DataFrame({name: pl.Series(list(v), strict=False) for name, v in columns.items()})

    def read(self, frame: pl.DataFrame, column: str) -> list[Any]:
        return frame[column].to_list()

    def columns(self, frame: pl.DataFrame) -> list[str]:
        return frame.columns


class ArrowDoor:
    name = "pyarrow"

    def frame(self, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
        return pa.table({name: pa.array(list(v)) for name, v in columns.items()})

    def read(self, frame: pa.Table, column: str) -> list[Any]:
        return frame[column].to_pylist()

    def columns(self, frame: pa.Table) -> list[str]:
        return frame.column_names


@pytest.fixture(scope="session", params=[PandasDoor(), PolarsDoor(), ArrowDoor()], ids=lambda d: d.name)
def door(request: pytest.FixtureRequest) -> Door:
    """Every kind of frame in turn, so that a test runs through every door."""
    return request.param
