"""Measures: weighted particles."""
from __future__ import annotations

import ctypes
import os
from typing import Any, Optional, Tuple, Union

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Reals, address, integer, points, reals, view
from .context import Context, Handle, default_context
from .library import lib


class Measure(Handle):
    """n particles in R^d with weights >= 0. A measure never changes.

    positions: an n by d array, or n numbers for particles on a line. It is copied.
    weights:   n numbers of positive sum, which is the mass; they are not normalized. None: 1/n each.

    len(measure) is n.
    """

    _destroy = "ift_measure_destroy"

    def __init__(
        self, positions: ArrayLike, weights: Optional[ArrayLike] = None, *, context: Optional[Context] = None
    ) -> None:
        x = points(positions, "positions")
        a = None if weights is None else reals(weights, "weights", (len(x),))
        self._create(context or default_context(), lib.ift_measure_create, address(x), *x.shape, address(a))

    @classmethod
    def load(cls, path: Union[str, "os.PathLike[str]"], *, context: Optional[Context] = None) -> "Measure":
        """Reads a CSV or NPY file; a column named `weight` of a CSV file holds weights."""
        return cls._make(context or default_context(), lib.ift_measure_load, os.fsencode(path))

    def save(self, path: Union[str, "os.PathLike[str]"]) -> None:
        """Writes NPY if the name ends in .npy, else CSV with 17 digits, the weight as last column."""
        self.context._call(lib.ift_measure_save, self, os.fsencode(path))

    def __len__(self) -> int:
        return int(self.context._read(lib.ift_measure_size, self))

    def __repr__(self) -> str:
        return f"<ift.Measure: {len(self)} particles, dimension {self.dim}, mass {self.mass:.6g}>"

    def __reduce__(self) -> Any:
        return Measure, (np.array(self.positions), np.array(self.weights))

    @property
    def dim(self) -> int:
        """The dimension d."""
        return int(self.context._read(lib.ift_measure_dim, self))

    @property
    def mass(self) -> float:
        """The sum of the weights."""
        return float(self.context._read(lib.ift_measure_mass, self))

    @property
    def positions(self) -> Reals:
        """The positions, n by d: a read-only view, nothing is copied. It keeps the measure alive."""
        return view(self.context._read(lib.ift_measure_positions, self), (len(self), self.dim), self)

    @property
    def weights(self) -> Reals:
        """The weights, a read-only view that keeps the measure alive."""
        return view(self.context._read(lib.ift_measure_weights, self), (len(self),), self)

    @property
    def effective_size(self) -> float:
        """(sum a)^2 / sum a^2, between 1 and n."""
        return float(self.context._read(lib.ift_measure_effective_size, self))

    def moments(self) -> Tuple[Reals, Reals]:
        """Weighted mean (d numbers) and covariance (d by d, divided by the mass)."""
        mean, covariance = np.empty(self.dim), np.empty((self.dim, self.dim))
        self.context._call(lib.ift_measure_moments, self, address(mean), address(covariance))
        return mean, covariance

    def bandwidth(self) -> float:
        """The bandwidth of the median heuristic for a Gaussian kernel."""
        out = ctypes.c_double()
        self.context._call(lib.ift_bandwidth_median, self, ctypes.byref(out))
        return out.value

    def normalized(self, mass: float = 1.0) -> "Measure":
        """A copy with the weights scaled to `mass`."""
        copy = Measure._make(self.context, lib.ift_measure_clone, first=self)
        self.context._call(lib.ift_measure_normalize, copy, mass)
        return copy

    def resample(self, size: int) -> "Measure":
        """`size` particles of equal weight and the same mass, drawn with the context's seed."""
        return Measure._make(self.context, lib.ift_measure_resample, integer(size, "size"), first=self)

    def prune(self, threshold: float = 0.0) -> "Measure":
        """Without the particles of weight <= threshold, the rest scaled up to the same mass."""
        return Measure._make(self.context, lib.ift_measure_prune, threshold, first=self)

    def merge(self, distance: float = 0.0) -> "Measure":
        """Particles within `distance` of an earlier one merged into it."""
        return Measure._make(self.context, lib.ift_measure_merge, distance, first=self)


def as_measure(value: Union[Measure, ArrayLike], context: Optional[Context]) -> Measure:
    """Points become a measure of weights 1/n; a measure stays what it is."""
    return value if isinstance(value, Measure) else Measure(value, context=context)
