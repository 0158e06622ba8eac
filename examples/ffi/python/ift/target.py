"""Targets: distributions to be approximated."""
from __future__ import annotations

from typing import Callable, Optional, Union

from numpy.typing import ArrayLike

from . import callbacks
from .arrays import Reals, address, integer, points, reals
from .callbacks import Callback
from .context import Context, Handle, default_context
from .library import lib
from .measure import Measure, as_measure


class Target(Handle):
    """A distribution. Target(x) is that of samples x, a measure or points of equal weight."""

    _destroy = "ift_target_destroy"

    def __init__(self, samples: Union[Measure, ArrayLike], *, context: Optional[Context] = None) -> None:
        measure = as_measure(samples, context)
        self._create(measure.context, lib.ift_target_samples, measure)

    @classmethod
    def gaussian_mixture(
        cls, weights: ArrayLike, means: ArrayLike, covariances: ArrayLike, *, context: Optional[Context] = None
    ) -> "Target":
        """A mixture of k Gaussians: weights (k, of sum 1), means (k by d), covariances (k by d by d)."""
        m = points(means, "means")
        w = reals(weights, "weights", (len(m),))
        c = reals(covariances, "covariances", (*m.shape, m.shape[1]))
        context = context or default_context()
        return cls._make(context, lib.ift_target_gaussian_mixture, *m.shape, address(w), address(m), address(c))

    @classmethod
    def density(
        cls,
        d: int,
        log_density: Optional[Callable[[Reals], ArrayLike]] = None,
        score: Optional[Callable[[Reals], ArrayLike]] = None,
        hessian: Optional[Callable[[Reals, Reals], ArrayLike]] = None,
        *,
        context: Optional[Context] = None,
    ) -> "Target":
        """A distribution in d dimensions by functions of points x (n by d), one of the first two at least.

        log_density(x): log pi(x_i), n numbers, a constant may be missing; -inf outside the support.
        score(x):       grad log pi(x_i), n by d.
        hessian(x, u):  the Hessian of log pi at x_i times u_i, n by d.
        """
        context = context or default_context()
        functions = Callback(context, log_density=log_density, score=score, hessian=hessian)
        return cls._make(
            context,
            lib.ift_target_density,
            integer(d, "d"),
            callbacks.log_density if log_density else None,
            callbacks.score if score else None,
            callbacks.hessian if hessian else None,
            functions.user,
            None,
            keeps=[functions],
        )

    @classmethod
    def sampler(
        cls, d: int, sample: Callable[[int, int], ArrayLike], *, context: Optional[Context] = None
    ) -> "Target":
        """A distribution in d dimensions that can be drawn from: sample(n, seed) gives n points, n by d."""
        context = context or default_context()
        functions = Callback(context, sample=sample)
        return cls._make(
            context,
            lib.ift_target_sampler,
            integer(d, "d"),
            callbacks.sample,
            functions.user,
            None,
            keeps=[functions],
        )


def as_target(value: Union[Target, Measure, ArrayLike], context: Optional[Context]) -> Target:
    """Samples become a target; a target stays what it is."""
    return value if isinstance(value, Target) else Target(value, context=context)
