"""The context, and what all objects made from it have in common."""
from __future__ import annotations

import ctypes
import operator
import threading
from typing import Any, Callable, Iterable, List, Optional, Type, TypeVar

from . import callbacks
from .callbacks import Callback
from .errors import Status, error_of
from .library import lib


class Context:
    """What all objects of one part of a program share: seed, threads, log.

    Objects can be used together only if they have the same context. Most programs need none of their own: where none is
    given there is one for the whole process, `default_context()`.

    Calls on one context wait for each other, so objects may be shared between threads; for computations side by side
    make a context for each thread.

    threads: number of threads that loops may use; results don't depend on it.
    seed:    of what is drawn from this context, 0 <= seed < 2**64.
    log:     is called with lines that tell what the library decided (which solver, which step size).
    """

    def __init__(
        self, *, threads: int = 1, seed: int = 0, log: Optional[Callable[[str], None]] = None
    ) -> None:
        self._raised: Optional[BaseException] = None
        self._lock = threading.RLock()
        self._log: Optional[Callback] = None
        out = ctypes.c_void_p()
        status = lib.ift_context_create(ctypes.byref(out))
        self._as_parameter_ = out.value
        if status < 0:
            raise error_of(status, "no memory for a context")
        self.threads = threads
        self.seed = seed
        if log is not None:
            self.log = log

    def __del__(self) -> None:
        lib.ift_context_destroy(self.__dict__.get("_as_parameter_"))

    def __reduce__(self) -> Any:
        raise TypeError("a Context can't be copied or pickled")

    @property
    def threads(self) -> int:
        """Number of threads that loops may use, the calling one included."""
        return self._threads

    @threads.setter
    def threads(self, threads: int) -> None:
        # as text: ctypes would cut a number that no int can hold
        self._call(lib.ift_context_set_option, self, b"threads", str(operator.index(threads)).encode())
        self._threads = threads

    @property
    def seed(self) -> int:
        """Seed of what is made from this context from now on."""
        return self._seed

    @seed.setter
    def seed(self, seed: int) -> None:
        if not 0 <= operator.index(seed) < 2**64:
            raise OverflowError(f"seed is {seed}; allowed is 0 <= seed < 2**64")
        self._call(lib.ift_context_set_seed, self, seed)
        self._seed = seed

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
        return self._read(lib.ift_context_message, self).decode()

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
