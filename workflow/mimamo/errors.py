"""Exceptions for faults that the user can fix, each reported as one sentence."""


class InputError(Exception):
    """Invalid or missing input data.

    The message is one sentence that says which file (and line or frame), what was expected, what was found
    and what to do. It is shown to the user as it is, without a traceback.
    """


class ConfigError(InputError):
    """Invalid configuration."""


class OutputError(InputError):
    """A result that cannot be written to its path."""
