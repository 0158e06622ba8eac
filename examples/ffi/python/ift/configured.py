"""What has options, runs, and is watched by a monitor: flows and compressions."""
from __future__ import annotations

import ctypes
import numbers
import weakref
from typing import Any, Callable, Dict, Optional, Type, TypeVar

from .arrays import integer
from .attributes import Named, described
from .callbacks import Callback, monitor
from .context import Handle
from .errors import OptionError, Status
from .interrupt import interruptible
from .library import PROTOTYPES, lib

Monitor = Callable[[Any], Any]
Configurable = TypeVar("Configurable", bound="Configured")


class Configured(Named, Handle):
    """The part that does not depend on what it is."""

    _functions: Dict[str, Any]

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

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and "_as_parameter_" in self.__dict__:
            try:
                return self[name]
            except OptionError as error:
                raise AttributeError(str(error)) from None
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")


def configured(cls: Type[Configurable]) -> Type[Configurable]:
    """Gives a class its functions and attributes."""
    prefix = f"ift_{cls._noun}_"
    cls._functions = {name[len(prefix) :]: getattr(lib, name) for name in PROTOTYPES if name.startswith(prefix)}
    described(cls)
    return cls
