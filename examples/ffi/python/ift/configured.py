"""Options and quantities as attributes, made from the library's table: an option that a later release adds is there
without a change to this module."""
from __future__ import annotations

import ctypes
import inspect
import numbers
import textwrap
import weakref
from typing import Any, Callable, Dict, Optional, Type, TypeVar

from .arrays import integer
from .callbacks import Callback, monitor
from .catalogue import Option, options
from .context import Handle
from .errors import OptionError, Status
from .interrupt import interruptible
from .library import PROTOTYPES, lib

Monitor = Callable[[Any], Any]
Configurable = TypeVar("Configurable", bound="Configured")


class Configured(Handle):
    """What has options, runs, and is watched by a monitor."""

    _noun: str
    _functions: Dict[str, Any]
    _table: Dict[str, Option]

    def _watch(self, watcher: Optional[Monitor]) -> None:
        self._callback = Callback(self.context, monitor=watcher)
        self._callback.owner = weakref.ref(self)
        self._call("set_monitor", monitor, self._callback.user, None)

    def _call(self, verb: str, *arguments: Any) -> Status:
        return self.context._call(self._functions[verb], self, *arguments)

    def _work(self, verb: str, *arguments: Any) -> Status:
        with interruptible(self._callback):
            return self._call(verb, *arguments)

    @property
    def monitor(self) -> Optional[Monitor]:
        """A function of this object that is called after each step, or None; what it returns, if true, stops the run.
        An exception in it comes out of the run, and what was computed is kept."""
        return self._callback.functions["monitor"]

    @monitor.setter
    def monitor(self, watcher: Optional[Monitor]) -> None:
        self._callback.functions["monitor"] = watcher

    def request_stop(self) -> None:
        """Ends the run that is under way after its current step, or the next one before its first; from any thread."""
        self._functions["request_stop"](self)

    def __getitem__(self, name: str) -> Any:
        """An option or quantity by name; one on "auto" is the value in force."""
        entry = self._table.get(name.replace("-", "_"))
        kind = entry.type if entry else "text"  # of an unknown name the library says what is wrong
        if kind == "real":
            real = ctypes.c_double()
            self._call("get_real", name.encode(), ctypes.byref(real))
            return real.value
        if kind == "integer":
            whole = ctypes.c_int64()
            self._call("get_int", name.encode(), ctypes.byref(whole))
            return whole.value
        text = ctypes.create_string_buffer(64)
        self._call("get_text", name.encode(), text, len(text))
        return text.value.decode()

    def __setitem__(self, name: str, value: Any) -> None:
        """Sets an option by name. Words are texts, "auto" included; True and False are yes and no."""
        if isinstance(value, (bool, str)):
            text = value if isinstance(value, str) else "yes" if value else "no"
            self._call("set_text", name.encode(), text.encode())
        elif isinstance(value, numbers.Integral):
            self._call("set_int", name.encode(), integer(value, name))
        elif isinstance(value, numbers.Real):
            self._call("set_real", name.encode(), float(value))
        else:
            raise TypeError(f"{name} is {value!r}; a number or a text is needed")

    def __setattr__(self, name: str, value: Any) -> None:
        # without this a misspelled option would be a new attribute
        if name.startswith("_") or name == "context" or hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            self[name] = value

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and "_as_parameter_" in self.__dict__:
            try:
                return self[name]
            except OptionError as error:
                raise AttributeError(str(error)) from None
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


def _attribute(option: Option) -> property:
    def get(self: Configured) -> Any:
        return self[option.name]

    def change(self: Configured, value: Any) -> None:
        self[option.name] = value

    return property(get, change if option.writable else None, doc=textwrap.fill(str(option), 100))


def configured(cls: Type[Configurable]) -> Type[Configurable]:
    """Gives a class its attributes, and its constructor the keywords that help() shows.

    A name that a method has already gets an underscore behind it: `flow.step(3)`, `flow.step_`.
    """
    prefix = f"ift_{cls._noun}_"
    cls._functions = {name[len(prefix) :]: getattr(lib, name) for name in PROTOTYPES if name.startswith(prefix)}
    cls._table = {entry.name: entry for entry in options(cls._noun)}
    for name, entry in cls._table.items():
        setattr(cls, name + "_" if hasattr(cls, name) else name, _attribute(entry))
    constructor: Any = cls.__init__
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
