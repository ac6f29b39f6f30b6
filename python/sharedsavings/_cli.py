"""The console script: ``sharedsavings demo``, ``qp``, ``settle``, ``break-even``, ``reconcile``, ``rules``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the console script; says what to install where its libraries are missing."""
    try:
        from ._commands import app
    except ImportError as error:
        missing = error.name or "a library"
        sys.exit(f"sharedsavings: the console script needs {missing}. Run: pip install 'sharedsavings[cli]'")
    app()
