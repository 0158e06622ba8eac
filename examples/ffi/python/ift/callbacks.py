"""Python functions that the library calls.

There is one C function for each kind of callback, made when the module is loaded. `user` is a number that finds the
Python functions, in a table that does not own them: objects do (a kernel its functions, an energy its kernel), just as
the C objects retain each other. So nothing has to be freed, and Python's collector sees cycles such as a monitor that
knows its flow.

An exception inside a callback is kept, the library gets a number < 0, and the exception is raised again by the call
that the library answers (Context._call).
"""
from __future__ import annotations

import functools
import itertools
import weakref
from ctypes import CFUNCTYPE, c_char_p, c_int, c_int64, c_uint64, c_void_p
from typing import TYPE_CHECKING, Any, Callable, Optional, Tuple

import numpy as np

from .arrays import output, reals, view

if TYPE_CHECKING:
    from .context import Context

_numbers = itertools.count(1)
_living: "weakref.WeakValueDictionary[int, Callback]" = weakref.WeakValueDictionary()


class Callback:
    """Functions of one object, and the number that stands for them in C."""

    def __init__(self, context: "Context", **functions: Optional[Callable[..., Any]]) -> None:
        self.context = context
        self.functions = functions
        self.owner: Optional["weakref.ref[Any]"] = None
        self.interrupted = False
        self.user = next(_numbers)
        _living[self.user] = self

    def fill(self, where: Optional[int], shape: Tuple[int, ...], name: str, *arguments: Any) -> None:
        """Calls the function `name` and writes what it returns to C; NULL: it isn't asked for."""
        if not where:
            return
        output(where, shape)[...] = reals(self.function(name)(*arguments), f"the result of `{name}`", shape)

    def function(self, name: str) -> Callable[..., Any]:
        """The function `name`, which has to be there."""
        function = self.functions[name]
        if function is None:
            raise TypeError(f"the function `{name}` is needed here, and was not given")
        return function


def _copy(where: int, shape: Tuple[int, ...]) -> Any:
    """What a callback is given. A copy: memory of the library ends with the call, a reference to an array may not."""
    return np.array(view(where, shape))


def _entry(prototype: Any) -> Callable[[Callable[..., int]], Any]:
    """Makes a C function of one that gets the Callback in place of `user`, first."""

    def make(function: Callable[..., int]) -> Any:
        @functools.wraps(function)
        def entry(*arguments: Any) -> int:
            callback = _living.get(arguments[-1])
            if callback is None:
                return -1
            try:
                return function(callback, *arguments[:-1])
            except BaseException as error:  # also KeyboardInterrupt and SystemExit: they come out in Context._call
                callback.context._raised = error
                return -1

        return prototype(entry)

    return make


@_entry(CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int64, c_void_p, c_int64, c_int64, c_void_p))
def kernel(callback: Callback, values: int, gradients: int, x: int, n: int, y: int, m: int, d: int) -> int:
    rows, columns = _copy(x, (n, d)), _copy(y, (m, d))
    callback.fill(values, (n, m), "value", rows, columns)
    callback.fill(gradients, (n, m, d), "gradient", rows, columns)
    return 0


@_entry(CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int64, c_int64, c_void_p))
def potential(callback: Callback, values: int, gradients: int, x: int, n: int, d: int) -> int:
    points = _copy(x, (n, d))
    callback.fill(values, (n,), "value", points)
    callback.fill(gradients, (n, d), "gradient", points)
    return 0


@_entry(
    CFUNCTYPE(
        c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_int64, c_void_p, c_void_p, c_int64, c_int64, c_void_p
    )
)
def energy(
    callback: Callback, value: int, variation: int, gradient: int, points: int, m: int, x: int, a: int, n: int, d: int
) -> int:
    positions, weights = _copy(x, (n, d)), _copy(a, (n,))
    callback.fill(value, (), "value", positions, weights)
    if variation or gradient:
        where = _copy(points, (m, d))
        callback.fill(variation, (m,), "first_variation", where, positions, weights)
        callback.fill(gradient, (m, d), "gradient", where, positions, weights)
    return 0


@_entry(CFUNCTYPE(c_int, c_void_p, c_void_p, c_int64, c_int64, c_void_p))
def log_density(callback: Callback, values: int, x: int, n: int, d: int) -> int:
    callback.fill(values, (n,), "log_density", _copy(x, (n, d)))
    return 0


@_entry(CFUNCTYPE(c_int, c_void_p, c_void_p, c_int64, c_int64, c_void_p))
def score(callback: Callback, scores: int, x: int, n: int, d: int) -> int:
    callback.fill(scores, (n, d), "score", _copy(x, (n, d)))
    return 0


@_entry(CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int64, c_int64, c_void_p))
def hessian(callback: Callback, products: int, x: int, u: int, n: int, d: int) -> int:
    callback.fill(products, (n, d), "hessian", _copy(x, (n, d)), _copy(u, (n, d)))
    return 0


@_entry(CFUNCTYPE(c_int, c_void_p, c_int64, c_int64, c_uint64, c_void_p))
def sample(callback: Callback, points: int, n: int, d: int, seed: int) -> int:
    callback.fill(points, (n, d), "sample", n, seed)
    return 0


@_entry(CFUNCTYPE(c_int, c_void_p, c_void_p))
def monitor(callback: Callback, handle: int) -> int:
    """There always is one, so that Python gets to see signals: see interrupt.py."""
    if callback.interrupted:
        return 1
    function = callback.functions["monitor"]
    owner = callback.owner() if callback.owner else None
    return int(function is not None and owner is not None and bool(function(owner)))


@_entry(CFUNCTYPE(None, c_char_p, c_void_p))
def log(callback: Callback, text: bytes) -> Any:
    callback.function("log")(text.decode())
