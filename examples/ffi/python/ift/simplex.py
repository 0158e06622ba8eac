"""The optimization of weights by itself."""
from __future__ import annotations

from ctypes import byref, c_double, c_int64
from typing import NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Reals, address, reals
from .context import Context, default_context
from .errors import Status
from .library import lib


class Weights(NamedTuple):
    """What a quadratic program gives."""

    weights: Reals
    gap: float
    """The objective is at most this above the minimum."""
    iterations: int
    status: Status
    """STALLED where rounding, or the number of its steps, ended the method above the tolerance."""


def _program(
    gram: ArrayLike,
    linear: ArrayLike,
    mass: Optional[float],
    start: Optional[ArrayLike],
    method: str,
    tolerance: float,
    context: Optional[Context],
) -> Weights:
    t = reals(linear, "linear", (None,))
    n = len(t)
    matrix = reals(gram, "gram", (n, n))
    first = None if start is None else reals(start, "start", (n,))
    weights, gap, iterations = np.empty(n), c_double(), c_int64()
    context = context or default_context()
    head = (context, address(weights), byref(gap), byref(iterations), address(matrix), address(t), n)
    tail = (address(first), method.encode(), tolerance)
    if mass is None:
        status = context._call(lib.ift_cone_qp, *head, *tail)
    else:
        status = context._call(lib.ift_simplex_qp, *head, mass, *tail)
    return Weights(weights, gap.value, iterations.value, status)


def simplex_qp(
    gram: ArrayLike,
    linear: ArrayLike,
    mass: float = 1.0,
    *,
    start: Optional[ArrayLike] = None,
    method: str = "auto",
    tolerance: float = 0.0,
    context: Optional[Context] = None,
) -> Weights:
    """The minimum of 1/2 b'Kb - t'b over b >= 0 with sum b = mass; K is `gram`, t is `linear`."""
    return _program(gram, linear, mass, start, method, tolerance, context)


def cone_qp(
    gram: ArrayLike,
    linear: ArrayLike,
    *,
    start: Optional[ArrayLike] = None,
    method: str = "auto",
    tolerance: float = 0.0,
    context: Optional[Context] = None,
) -> Weights:
    """The same over b >= 0, of any mass."""
    return _program(gram, linear, None, start, method, tolerance, context)


def simplex_project(values: ArrayLike, mass: float = 1.0, *, context: Optional[Context] = None) -> Reals:
    """The point of {b >= 0, sum b = mass} nearest to `values`."""
    v = reals(values, "values", (None,))
    weights = np.empty(len(v))
    context = context or default_context()
    context._call(lib.ift_simplex_project, context, address(weights), address(v), len(v), mass)
    return weights
