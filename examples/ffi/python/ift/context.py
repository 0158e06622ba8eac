"""The context, and what all objects made from it have in common."""
from __future__ import annotations

import ctypes
import threading
from typing import Any, Callable, Dict, Iterable, List, Optional, Type, TypeVar

from . import callbacks
from .attributes import Named, described
from .callbacks import Callback
from .errors import Status, error_of
from .library import lib


@described
class Context(Named):
    """What all objects of one part of a program share: seed, threads, log.

    Objects can be used together only if they have the same context. Most programs need none of their own: where none is
    given there is one for the whole process, `default_context()`.

    Calls on one context wait for each other, so objects may be shared between threads; for computations side by side
    make a context for each thread.

    log: is called with lines that tell what the library decided (which solver, which step size).
    """

    _noun = "context"

    def __init__(self, *, log: Optional[Callable[[str], None]] = None, **options: Any) -> None:
        self._raised: Optional[BaseException] = None
        self._lock = threading.RLock()
        self._log: Optional[Callback] = None
        self._set: Dict[str, Any] = {}
        out = ctypes.c_void_p()
        status = lib.ift_context_create(ctypes.byref(out))
        self._as_parameter_ = out.value
        if status < 0:
            raise error_of(status, "no memory for a context")
        for name, value in options.items():
            self[name] = value
        if log is not None:
            self.log = log

    def __del__(self) -> None:
        lib.ift_context_destroy(self.__dict__.get("_as_parameter_"))

    def __reduce__(self) -> Any:
        raise TypeError("a Context can't be copied or pickled")

    def __getitem__(self, name: str) -> Any:
        """An option by name, as it was set here."""
        return self._set.get(name, self._table[name].default_value)

    def __setitem__(self, name: str, value: Any) -> None:
        self._call(lib.ift_context_set_option, self, name.encode(), str(value).encode())
        self._set[name] = value

    @property
    def log(self) -> Optional[Callable[[str], None]]:
        """What is called with lines of the log, or None."""
        return self._log.functions["log"] if self._log else None

    @log.setter
    def log(self, function: Optional[Callable[[str], None]]) -> None:
        callback = Callback(self, log=function) if function is not None else None
        entry = callbacks.log if callback else None
        self._call(lib.ift_context_set_log, self, entry, callback.user if callback else None, None)
        self._log = callback

    @property
    def message(self) -> str:
        """The message of the last call that failed."""
        return str(self._read(lib.ift_context_message, self), "utf-8")

    def _read(self, function: Any, *arguments: Any) -> Any:
        """Calls a function that can't fail."""
        with self._lock:
            return function(*arguments)

    def _call(self, function: Any, *arguments: Any) -> Status:
        """Calls a function that answers with a status, and raises what there is to raise."""
        with self._lock:
            status = function(*arguments)
            if self._raised is not None:
                raised, self._raised = self._raised, None
                try:
                    raise raised
                finally:
                    del raised  # else this frame, which the exception knows, would know the exception
            if status < 0:
                raise error_of(status, self.message)
            return Status(status)


_default: List[Context] = []
_default_lock = threading.Lock()


def default_context() -> Context:
    """The context of objects that are made without saying of which."""
    with _default_lock:
        if not _default:
            _default.append(Context())
        return _default[0]


Self = TypeVar("Self", bound="Handle")


class Handle:
    """A C object. It keeps its context, and the objects whose functions it may call."""

    _destroy: str
    _as_parameter_: Optional[int]
    context: Context

    def __del__(self) -> None:
        getattr(lib, self._destroy)(self.__dict__.get("_as_parameter_"))

    def __reduce__(self) -> Any:
        raise TypeError(f"a {type(self).__name__} can't be copied or pickled: make it where it is needed")

    @classmethod
    def _make(
        cls: Type[Self],
        context: Context,
        function: Any,
        *inputs: Any,
        first: Any = None,
        keeps: Iterable[Any] = (),
    ) -> Self:
        self = cls.__new__(cls)
        self._create(context, function, *inputs, first=first, keeps=keeps)
        return self

    def _create(
        self, context: Context, function: Any, *inputs: Any, first: Any = None, keeps: Iterable[Any] = ()
    ) -> None:
        """Holds what `function`(context, out, inputs...) makes; `first` is there where it isn't the context's."""
        out = ctypes.c_void_p()
        owner = context if first is None else first
        try:
            context._call(function, owner, ctypes.byref(out), *inputs)
        finally:
            self.__dict__.update(context=context, _as_parameter_=out.value, _keeps=list(keeps))
