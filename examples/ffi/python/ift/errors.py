"""What functions report: statuses, and the exceptions that errors become."""
from __future__ import annotations

import enum
from typing import Dict, Type

from .library import lib


class Status(enum.IntEnum):
    """How a call ended that did not fail."""

    OK = 0
    CONVERGED = 1
    """The tolerance that was asked for is reached."""
    STOPPED = 2
    """Stopped by a monitor or by request_stop(); what was computed is kept."""
    STALLED = 3
    """No further progress is possible, or worth it by the option `stall`."""


class Error(Exception):
    """An error of the library. `status` is its number, `name` the name in <ift.h>, `message` says what was wrong and
    what is allowed. Its subclasses are also the exceptions of Python that fit."""

    status: int = 0

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def name(self) -> str:
        """Such as "IFT_ERR_OPTION"."""
        return str(lib.ift_status_name(self.status), "ascii")


class NoMemoryError(Error, MemoryError):
    """Memory ran out, or a size does not fit in it."""

    status = -1


class ArgumentError(Error, ValueError):
    """An argument is outside what the function allows."""

    status = -2


class DimensionError(Error, ValueError):
    """Two objects live in spaces of different dimension."""

    status = -3


class OptionError(Error, ValueError):
    """Unknown option or kind, value out of range, or of no use in this geometry or mode."""

    status = -4


class NotFiniteError(Error, ValueError):
    """An input, or a result, is NaN or infinite."""

    status = -5


class FileError(Error, OSError):
    """A file can't be opened, read or written."""

    status = -6


class FormatError(Error, ValueError):
    """A file or a text is not in the format it should be in."""

    status = -7


class CapabilityError(Error, ValueError):
    """This kernel, target or energy can't do what is asked of it."""

    status = -8


class CallbackError(Error, RuntimeError):
    """A callback failed. Exceptions of Python functions come out as they are, so this one is rare."""

    status = -9


class ContextError(Error, ValueError):
    """Objects of two contexts in one call."""

    status = -10


class BusyError(Error, RuntimeError):
    """An object was entered again from its own callback."""

    status = -11


_KINDS: Dict[int, Type[Error]] = {kind.status: kind for kind in Error.__subclasses__()}


def error_of(status: int, message: str) -> Error:
    """The exception for a status < 0; one of a later release is an Error of that status."""
    error = _KINDS.get(status, Error)(message)
    error.status = status
    return error
