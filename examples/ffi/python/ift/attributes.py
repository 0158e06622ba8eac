"""Options and quantities as attributes, made from the library's table: what a later release adds is there without a
change to this package."""
from __future__ import annotations

import inspect
import textwrap
from typing import Any, Dict

from .catalogue import Option, options


class Named:
    """What has entries of the table as items, and by `described` as attributes."""

    _noun: str
    _table: Dict[str, Option]

    def __getitem__(self, name: str) -> Any:
        raise NotImplementedError

    def __setitem__(self, name: str, value: Any) -> None:
        raise NotImplementedError

    def __setattr__(self, name: str, value: Any) -> None:
        # without this a misspelled option would be a new attribute
        if name.startswith("_") or name == "context" or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            self[name] = value


def _attribute(option: Option) -> property:
    def get(self: Named) -> Any:
        return self[option.name]

    def change(self: Named, value: Any) -> None:
        self[option.name] = value

    return property(get, change if option.writable else None, doc=textwrap.fill(str(option), 100))


def described(cls: Any) -> Any:
    """Gives a class its attributes, and its constructor the keywords that help() shows.

    A name that a method has already gets an underscore behind it: `flow.step(3)`, `flow.step_`.
    """
    cls._table = {entry.name: entry for entry in options(cls._noun)}
    for name, entry in cls._table.items():
        setattr(cls, name + "_" if hasattr(cls, name) else name, _attribute(entry))
    constructor = cls.__init__
    fixed = [
        parameter
        for parameter in inspect.signature(constructor).parameters.values()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    keywords = [
        inspect.Parameter(entry.name, inspect.Parameter.KEYWORD_ONLY, default=entry.default_value)
        for entry in cls._table.values()
        if entry.writable
    ]
    constructor.__signature__ = inspect.Signature(fixed + keywords)
    constructor.__doc__ = "Options are described below, as attributes."
    return cls
