"""Gradient flows of measures: libift from Python.

The shortest use takes samples, an n by d array, and gives a few weighted particles for them:

    few, mmd2 = ift.compress(x, 25)
    few.positions, few.weights

A flow of one's choice:

    energy = ift.Energy.mmd(ift.Kernel("gaussian:0.5"), x)
    flow = ift.Flow("spherical-ift", energy, start, tau=0.4, rejuvenate="insert")
    flow.run(200)
    flow.energy, flow.measure

The nouns are Measure, Kernel, Target, Energy, Flow and Compression; help(ift.Flow) lists all options, and options() and
kinds() are the library's own tables. float64 arrays in C order are handed to the library as they are.

Errors are exceptions of kind Error, and at the same time ValueError, MemoryError or what fits. An exception in a
function of yours that the library calls comes out of the call that you made.
"""
from __future__ import annotations

import ctypes as _ctypes

from .catalogue import Kind, Option, kinds, options
from .context import Context, default_context
from .energy import Energy
from .errors import (
    ArgumentError,
    BusyError,
    CallbackError,
    CapabilityError,
    ContextError,
    DimensionError,
    Error,
    FileError,
    FormatError,
    NoMemoryError,
    NotFiniteError,
    OptionError,
    Status,
)
from .flow import Compression, Flow, compress
from .kernel import Kernel
from .library import PATH, lib as _lib
from .measure import Measure
from .simplex import Weights, cone_qp, simplex_project, simplex_qp
from .target import Target

__version__: str = _lib.ift_version_string().decode()
"""Version of the library that is in use."""


def build_info() -> dict[str, str]:
    """How the library was built and what it runs on: version, compiler, instruction set, file of the BLAS in use."""
    text = _ctypes.create_string_buffer(_lib.ift_build_info(None, 0) + 1)
    _lib.ift_build_info(text, len(text))
    return dict(line.split(" ", 1) for line in text.value.decode().splitlines())


__all__ = [
    "ArgumentError",
    "BusyError",
    "CallbackError",
    "CapabilityError",
    "Compression",
    "Context",
    "ContextError",
    "DimensionError",
    "Energy",
    "Error",
    "FileError",
    "Flow",
    "FormatError",
    "Kernel",
    "Kind",
    "Measure",
    "NoMemoryError",
    "NotFiniteError",
    "Option",
    "OptionError",
    "PATH",
    "Status",
    "Target",
    "Weights",
    "build_info",
    "compress",
    "cone_qp",
    "default_context",
    "kinds",
    "options",
    "simplex_project",
    "simplex_qp",
]
