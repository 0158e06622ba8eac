"""Flows, and the search for the best few particles."""
from __future__ import annotations

import ctypes
from typing import Any, Optional, Tuple, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arrays import integer, view
from .energy import Energy
from .errors import Status
from .kernel import Kernel
from .library import lib
from .measure import Measure, as_measure
from .configured import Configured, Monitor, configured
from .target import Target, as_target


def _snapshot(owner: Configured) -> Optional[Measure]:
    """A copy of the measure that the next step would change."""
    borrowed = owner.context._read(owner._functions["measure"], owner)
    return Measure._make(owner.context, lib.ift_measure_clone, first=borrowed) if borrowed else None


@configured
class Flow(Configured):
    """A measure on its way down an energy.

    geometry: one of kinds("geometry"), "spherical-ift" say.
    energy:   what descends.
    initial:  the measure that it starts from, or points of equal weight; it is copied.
    kernel:   of MMD reactions; None: that of the energy.
    monitor:  is called with the flow after each step; if what it returns is true, the run stops.

    Options are keywords, attributes (flow.tau = 0.4) and items (flow["tau"]), and may be changed between steps.
    """

    _noun = "flow"
    _destroy = "ift_flow_destroy"

    def __init__(
        self,
        geometry: str,
        energy: Energy,
        initial: Union[Measure, ArrayLike],
        *,
        kernel: Optional[Kernel] = None,
        monitor: Optional[Monitor] = None,
        **options: Any,
    ) -> None:
        context = energy.context
        start = as_measure(initial, context)
        self._create(context, lib.ift_flow_create, geometry.encode(), energy, start, keeps=[energy])
        self._watch(monitor)
        if kernel is not None:
            self.set_kernel(kernel)
        for name, value in options.items():
            self[name] = value

    def __repr__(self) -> str:
        return f"<ift.Flow {self['geometry']}: step {self['step']}, energy {self['energy']:.6g}>"

    def set_kernel(self, kernel: Optional[Kernel]) -> None:
        """The kernel of MMD reactions; None: that of the energy."""
        self._call("set_kernel", kernel)
        self._keeps[1:] = [] if kernel is None else [kernel]

    def step(self, steps: int = 1) -> Status:
        """Takes steps: Status.OK after all of them; STOPPED or STALLED (none lowers the energy) after fewer."""
        return self._work("step", integer(steps, "steps"))

    def run(self, steps: int) -> Status:
        """The same, and ends early by the options `tolerance` (Status.CONVERGED) and `stall` (STALLED)."""
        return self._work("run", integer(steps, "steps"))

    def save(self) -> bytes:
        """A checkpoint: the state as bytes, options included. A monitor may ask for it too."""
        size = ctypes.c_int64()
        with self.context._lock:  # no step in between
            self._call("save", None, 0, ctypes.byref(size))
            state = ctypes.create_string_buffer(size.value)
            self._call("save", state, size.value, ctypes.byref(size))
        return state.raw

    def restore(self, state: Union[bytes, bytearray, memoryview]) -> None:
        """Back to a state that save() gave, here or elsewhere; the steps that follow are those of the flow that was
        saved, to the last bit. This flow was made in the same way: geometry, number of particles, energy, target and
        kernel. It is as it was after an error: ArgumentError, DimensionError (of another flow), FormatError (no
        checkpoint, damaged, cut short, of a later version)."""
        saved = memoryview(state).tobytes()
        self._call("restore", saved, len(saved))

    @property
    def measure(self) -> Measure:
        """The particles as they are now, dead ones included: a copy, which later steps leave alone."""
        snapshot = _snapshot(self)
        assert snapshot is not None
        return snapshot


@configured
class Compression(Configured):
    """A search for the at most `particles` weighted particles that are closest to a target in MMD.

    kernel:  of the MMD.
    target:  a target, a measure, or points of equal weight.
    monitor: is called with the search after each of its steps; if what it returns is true, the search stops.
    """

    _noun = "compression"
    _destroy = "ift_compression_destroy"

    def __init__(
        self,
        kernel: Kernel,
        target: Union[Target, Measure, ArrayLike],
        particles: int,
        *,
        monitor: Optional[Monitor] = None,
        **options: Any,
    ) -> None:
        context = kernel.context
        wanted = as_target(target, context)
        number = integer(particles, "particles")
        self._create(context, lib.ift_compression_create, kernel, wanted, number, keeps=[kernel, wanted])
        self._watch(monitor)
        for name, value in options.items():
            self[name] = value

    def run(self) -> Status:
        """Searches to the end: Status.OK, CONVERGED (option `tolerance`) or STOPPED."""
        return self._work("run")

    @property
    def measure(self) -> Optional[Measure]:
        """The best particles so far, a copy; None before anything was found."""
        return _snapshot(self)

    @property
    def rows(self) -> Optional[NDArray[np.int64]]:
        """With points="data": which of the target's points they are, from 0; else None."""
        where = self.context._read(lib.ift_compression_rows, self)
        return np.array(view(where, (self["particles"],), dtype=np.int64)) if where else None


def compress(
    target: Union[Target, Measure, ArrayLike],
    particles: int,
    kernel: Optional[Kernel] = None,
    *,
    monitor: Optional[Monitor] = None,
    **options: Any,
) -> Tuple[Measure, float]:
    """The best few particles for a target, and their MMD^2 to it.

    target:    samples (points, or a measure), or a Target.
    particles: how many at most.
    kernel:    None: Gaussian, its bandwidth by the median heuristic, which needs samples.
    monitor and options are those of Compression: compress(x, 25, effort="high").
    """
    if kernel is None:
        if isinstance(target, Target):
            raise TypeError("a Target that is not given as samples needs a kernel")
        target = as_measure(target, None)
        kernel = Kernel.gaussian(target.bandwidth(), context=target.context)
    search = Compression(kernel, target, particles, monitor=monitor, **options)
    search.run()
    measure = search.measure
    assert measure is not None
    return measure, search["mmd2"]
