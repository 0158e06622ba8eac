"""Kernels, their sums over pairs, and the MMD."""
from __future__ import annotations

import ctypes
from ctypes import c_double, c_void_p
from typing import Any, Callable, Iterable, Optional, Tuple, Type, TypeVar, Union

import numpy as np
from numpy.typing import ArrayLike

from . import callbacks
from .arrays import Reals, address, integer, points, reals
from .callbacks import Callback
from .context import Context, Handle, default_context
from .library import lib
from .measure import Measure, as_measure

Term = TypeVar("Term", bound="Summable")


class Summable(Handle):
    """Objects of which weighted sums can be made: 0.5 * a + b."""

    @classmethod
    def _summands(cls, handles: Any, coefficients: Optional[int]) -> Tuple[Any, Any, Any]:
        """The function that makes a sum, and the order of its arrays."""
        raise NotImplementedError

    @classmethod
    def sum(cls: Type[Term], terms: Iterable[Tuple[float, Term]]) -> Term:
        """The sum over pairs (coefficient, object)."""
        pairs = list(terms)
        if not pairs:
            raise ValueError("a sum needs at least one term")
        parts = [part for _, part in pairs]
        coefficients = reals([coefficient for coefficient, _ in pairs], "coefficients")
        handles = (c_void_p * len(parts))(*[part._as_parameter_ for part in parts])
        return cls._make(parts[0].context, *cls._summands(handles, address(coefficients)), len(parts), keeps=parts)

    def __add__(self: Term, other: Any) -> Term:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.sum([(1.0, self), (1.0, other)])

    def __mul__(self: Term, coefficient: float) -> Term:
        return self.sum([(coefficient, self)])

    __rmul__ = __mul__


class Kernel(Summable):
    """A symmetric kernel k(x, y).

    Kernel("gaussian:0.5") and the like: see kinds("kernel") for what there is and how it is written. A sum is
    "0.5*gaussian:1+0.5*gaussian:4", or 0.5 * Kernel("gaussian:1") + 0.5 * Kernel("gaussian:4"). `gaussian:median` needs
    data: Kernel.gaussian(measure.bandwidth()).
    """

    _destroy = "ift_kernel_destroy"

    @classmethod
    def _summands(cls, handles: Any, coefficients: Optional[int]) -> Tuple[Any, Any, Any]:
        return lib.ift_kernel_sum, handles, coefficients

    def __init__(self, spec: str, *, context: Optional[Context] = None) -> None:
        self._create(context or default_context(), lib.ift_kernel_parse, spec.encode())

    @classmethod
    def gaussian(cls, sigma: float, *, context: Optional[Context] = None) -> "Kernel":
        """exp(-r^2 / (2 sigma^2))"""
        return cls._make(context or default_context(), lib.ift_kernel_gaussian, sigma)

    @classmethod
    def laplace(cls, scale: float, *, context: Optional[Context] = None) -> "Kernel":
        """exp(-r / scale)"""
        return cls._make(context or default_context(), lib.ift_kernel_laplace, scale)

    @classmethod
    def matern(cls, nu: float, length: float, *, context: Optional[Context] = None) -> "Kernel":
        """Matern of smoothness nu = 0.5, 1.5 or 2.5."""
        return cls._make(context or default_context(), lib.ift_kernel_matern, nu, length)

    @classmethod
    def imq(cls, c: float, beta: float = 0.5, *, context: Optional[Context] = None) -> "Kernel":
        """(1 + r^2 / c^2)^(-beta)"""
        return cls._make(context or default_context(), lib.ift_kernel_imq, c, beta)

    @classmethod
    def riesz(cls, q: float, *, context: Optional[Context] = None) -> "Kernel":
        """-r^q, 0 < q < 2, only conditionally positive definite"""
        return cls._make(context or default_context(), lib.ift_kernel_riesz, q)

    @classmethod
    def linear(cls, *, context: Optional[Context] = None) -> "Kernel":
        """x'y"""
        return cls._make(context or default_context(), lib.ift_kernel_linear)

    @classmethod
    def polynomial(cls, c: float, power: int, *, context: Optional[Context] = None) -> "Kernel":
        """(x'y + c)^power"""
        return cls._make(context or default_context(), lib.ift_kernel_polynomial, c, integer(power, "power"))

    @classmethod
    def custom(
        cls,
        value: Callable[[Reals, Reals], ArrayLike],
        gradient: Optional[Callable[[Reals, Reals], ArrayLike]] = None,
        *,
        context: Optional[Context] = None,
    ) -> "Kernel":
        """A kernel of your own, symmetric and positive definite: `check` tests it.

        value(x, y):    k(x_i, y_j), n by m, for points x (n by d) and y (m by d).
        gradient(x, y): its gradient in x_i, n by m by d. Without it there is no transport.
        """
        context = context or default_context()
        functions = Callback(context, value=value, gradient=gradient)
        return cls._make(
            context, lib.ift_kernel_custom, callbacks.kernel, functions.user, None, keeps=[functions]
        )

    def gram(self, x: ArrayLike, y: Optional[ArrayLike] = None) -> Reals:
        """k(x_i, y_j), n by m; y None: that of x with itself, symmetric to the last bit."""
        a = points(x, "x")
        b = None if y is None else points(y, "y")
        _same_dimension("y", b, a)
        out = np.empty((len(a), len(a if b is None else b)))
        self.context._call(lib.ift_kernel_gram, self, address(out), address(a), *a.shape, address(b), out.shape[1])
        return out

    def __call__(self, x: ArrayLike, y: Optional[ArrayLike] = None) -> Reals:
        """The same as `gram`."""
        return self.gram(x, y)

    def sum_pairs(self, x: ArrayLike, y: ArrayLike, w: Optional[ArrayLike] = None) -> Reals:
        """sum_j w_j k(x_i, y_j) for each i; w None: ones."""
        return self._sum_pairs(x, y, w, False)

    def sum_pairs_gradient(self, x: ArrayLike, y: ArrayLike, w: Optional[ArrayLike] = None) -> Reals:
        """sum_j w_j grad k(x_i, y_j), the gradient in x_i: n by d."""
        return self._sum_pairs(x, y, w, True)

    def _sum_pairs(self, x: ArrayLike, y: ArrayLike, w: Optional[ArrayLike], gradient: bool) -> Reals:
        a, b = points(x, "x"), points(y, "y")
        _same_dimension("y", b, a)
        weights = None if w is None else reals(w, "w", (len(b),))
        out = np.empty(a.shape if gradient else len(a))
        outputs = (None, address(out)) if gradient else (address(out), None)
        self.context._call(
            lib.ift_kernel_sum_pairs, self, *outputs, address(a), *a.shape, address(b), len(b), address(weights)
        )
        return out

    def check(self, x: ArrayLike, tolerance: float = 1e-6) -> None:
        """Tests symmetry, gradients and positive definiteness at points x; CapabilityError says what is wrong."""
        a = points(x, "x")
        self.context._call(lib.ift_kernel_check, self, address(a), *a.shape, tolerance)

    def mmd2(self, a: Union[Measure, ArrayLike], b: Union[Measure, ArrayLike]) -> float:
        """MMD^2 between two measures, weights used."""
        return self._between(lib.ift_mmd2, a, b)

    def mmd2_standard_error(self, a: Union[Measure, ArrayLike], b: Union[Measure, ArrayLike]) -> float:
        """Standard error of mmd2(a, b) where b is an independent sample."""
        return self._between(lib.ift_mmd2_standard_error, a, b)

    def _between(self, function: Any, a: Union[Measure, ArrayLike], b: Union[Measure, ArrayLike]) -> float:
        out = c_double()
        one, other = as_measure(a, self.context), as_measure(b, self.context)
        self.context._call(function, self, ctypes.byref(out), one, other)
        return out.value

    def witness(
        self, x: ArrayLike, a: Union[Measure, ArrayLike], b: Union[Measure, ArrayLike]
    ) -> Reals:
        """The witness function of a and b at points x: positive where a has more."""
        at = points(x, "x")
        out = np.empty(len(at))
        one, other = as_measure(a, self.context), as_measure(b, self.context)
        self.context._call(lib.ift_witness, self, address(out), address(at), *at.shape, one, other)
        return out


def _same_dimension(name: str, array: Optional[Reals], other: Reals) -> None:
    if array is not None and array.shape[1] != other.shape[1]:
        raise ValueError(f"{name} has points of dimension {array.shape[1]}, x of dimension {other.shape[1]}")
