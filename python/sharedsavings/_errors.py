"""Exceptions of the package. The native half raises them too."""


class SharedSavingsError(Exception):
    """Base of every error that the package raises on purpose."""


class InputError(SharedSavingsError, ValueError):
    """A column holds what the rules cannot take; the message names it, the rows, and what to do."""


class RuleBookError(SharedSavingsError, ValueError):
    """A rule book or an override is malformed; the message names file, rule and key."""


class NotModelledError(SharedSavingsError, LookupError):
    """The rule book holds nothing for this year, track, program or date of knowledge."""
