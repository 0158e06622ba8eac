"""Energies: what a flow descends."""
from __future__ import annotations

import ctypes
from typing import Any, Callable, Optional, Tuple, Union

import numpy as np
from numpy.typing import ArrayLike

from . import callbacks
from .arrays import Reals, address, integer, points
from .callbacks import Callback
from .context import Context, default_context
from .kernel import Kernel, Summable
from .library import lib
from .measure import Measure, as_measure
from .target import Target, as_target


class Energy(Summable):
    """A function F of measures, with its first variation g = dF/dmu. Made by one of the class methods; 2 * a + b and
    Energy.sum are weighted sums."""

    _destroy = "ift_energy_destroy"

    @classmethod
    def _summands(cls, handles: Any, coefficients: Optional[int]) -> Tuple[Any, Any, Any]:
        return lib.ift_energy_sum, coefficients, handles

    def __init__(self) -> None:
        raise TypeError("an Energy is made by Energy.mmd, kl, potential, interaction, custom or sum")

    @classmethod
    def mmd(cls, kernel: Kernel, target: Union[Target, Measure, ArrayLike]) -> "Energy":
        """1/2 MMD^2 to the target."""
        target = as_target(target, kernel.context)
        return cls._make(kernel.context, lib.ift_energy_mmd, kernel, target, keeps=[kernel, target])

    @classmethod
    def kl(cls, target: Target, bandwidth: float) -> "Energy":
        """The Kullback-Leibler divergence from a target with log-density and score, smoothed by a Gaussian."""
        return cls._make(target.context, lib.ift_energy_kl, target, bandwidth, keeps=[target])

    @classmethod
    def potential(
        cls,
        d: int,
        value: Callable[[Reals], ArrayLike],
        gradient: Optional[Callable[[Reals], ArrayLike]] = None,
        *,
        context: Optional[Context] = None,
    ) -> "Energy":
        """The integral of V: value(x) gives V(x_i) at points x (n by d), gradient(x) grad V(x_i), n by d."""
        context = context or default_context()
        functions = Callback(context, value=value, gradient=gradient)
        return cls._make(
            context,
            lib.ift_energy_potential,
            integer(d, "d"),
            callbacks.potential,
            functions.user,
            None,
            keeps=[functions],
        )

    @classmethod
    def interaction(cls, d: int, kernel: Kernel) -> "Energy":
        """1/2 of the double integral of W, a symmetric function given as a kernel."""
        return cls._make(kernel.context, lib.ift_energy_interaction, integer(d, "d"), kernel, keeps=[kernel])

    @classmethod
    def custom(
        cls,
        d: int,
        value: Callable[[Reals, Reals], float],
        first_variation: Callable[[Reals, Reals, Reals], ArrayLike],
        gradient: Optional[Callable[[Reals, Reals, Reals], ArrayLike]] = None,
        *,
        context: Optional[Context] = None,
    ) -> "Energy":
        """An energy of your own in d dimensions: `check` tests it.

        value(positions, weights):                   F, of the measure with these.
        first_variation(points, positions, weights): g at m points (m by d), m numbers.
        gradient(points, positions, weights):        grad g there, m by d. Without it there is no transport.
        """
        context = context or default_context()
        functions = Callback(context, value=value, first_variation=first_variation, gradient=gradient)
        return cls._make(
            context,
            lib.ift_energy_custom,
            integer(d, "d"),
            callbacks.energy,
            functions.user,
            None,
            keeps=[functions],
        )

    def value(self, measure: Union[Measure, ArrayLike]) -> float:
        """F(measure)."""
        out = ctypes.c_double()
        self.context._call(lib.ift_energy_value, self, ctypes.byref(out), as_measure(measure, self.context))
        return out.value

    __call__ = value

    def first_variation(self, measure: Union[Measure, ArrayLike], x: Optional[ArrayLike] = None) -> Reals:
        """g at points x, the first variation being that at `measure`; x None: at its particles."""
        return self._at(lib.ift_energy_first_variation, measure, x, False)

    def gradient(self, measure: Union[Measure, ArrayLike], x: Optional[ArrayLike] = None) -> Reals:
        """grad g at points x, n by d; else as `first_variation`."""
        return self._at(lib.ift_energy_gradient, measure, x, True)

    def _at(self, function: Any, measure: Union[Measure, ArrayLike], x: Optional[ArrayLike], vectors: bool) -> Reals:
        mu = as_measure(measure, self.context)
        at = None if x is None else points(x, "x")
        n, d = (len(mu), mu.dim) if at is None else at.shape
        out = np.empty((n, d) if vectors else n)
        self.context._call(function, self, address(out), address(at), n, d, mu)
        return out

    def check(self, measure: Union[Measure, ArrayLike], tolerance: float = 1e-6) -> None:
        """Tests value, first variation and gradient against each other; CapabilityError says what is wrong."""
        self.context._call(lib.ift_energy_check, self, as_measure(measure, self.context), tolerance)
