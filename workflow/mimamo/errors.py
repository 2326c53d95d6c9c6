"""Faults that a person can mend, each told as one sentence."""


class InputError(Exception):
    """Something in the data is not as the workflow needs it.

    The message is one sentence that says which file (and line or frame), what was expected, what was found
    and what to do. It is shown as it is, without a traceback.
    """


class ConfigError(InputError):
    """Something in the configuration is not as the workflow needs it."""


class OutputError(InputError):
    """A result cannot be written where it should stand."""
