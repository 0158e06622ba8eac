"""Numbers on their way in and out. float64 arrays in C order are handed over as they are; other real numbers, and
arrays that are strided, are converted with one copy; what isn't numbers is refused."""
from __future__ import annotations

import operator
from typing import Any, Optional, Tuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]


def reals(value: ArrayLike, name: str, shape: Optional[Tuple[Optional[int], ...]] = None) -> Reals:
    """`value` as float64 in C order; `shape` says what it has to be, None in it standing for any length."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(
            f"{name} has the dtype {array.dtype}; float64 is needed, or integers or other floats to be converted"
        )
    if shape is not None and (
        array.ndim != len(shape) or any(want not in (None, have) for want, have in zip(shape, array.shape))
    ):
        needed = str(tuple("any" if want is None else want for want in shape)).replace("'", "")
        raise ValueError(f"{name} has the shape {array.shape}; {needed} is needed")
    return np.require(array, np.float64, ["C", "A"])


def points(value: ArrayLike, name: str) -> Reals:
    """n points as an n by d array; n numbers are points on a line."""
    array = reals(value, name)
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2:
        raise ValueError(f"{name} has the shape {array.shape}; (n, d) is needed: n points of d coordinates")
    return array


def integer(value: Any, name: str) -> int:
    """`value` as an int64_t, which ctypes would cut to size without a word."""
    number = operator.index(value)
    if not -(2**63) <= number < 2**63:
        raise OverflowError(f"{name} is {number}; it does not fit in 64 bits")
    return number


def address(array: Optional[Reals]) -> Optional[int]:
    """Where the numbers of an array are, which has to outlive the call; None is NULL."""
    return None if array is None else array.ctypes.data


class _Borrowed:
    """Memory of an object as NumPy sees it; arrays made of it keep it, and so the object."""

    def __init__(self, where: int, shape: Tuple[int, ...], dtype: Any, owner: Any, readonly: bool) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "version": 3,
            "data": (where, readonly),
            "shape": shape,
            "typestr": np.dtype(dtype).str,
        }


def view(where: int, shape: Tuple[int, ...], owner: Any = None, dtype: Any = np.float64) -> NDArray[Any]:
    """A read-only array on memory of the library. It keeps `owner` alive, whose memory it is."""
    return np.asarray(_Borrowed(where, shape, dtype, owner, True))


def output(where: int, shape: Tuple[int, ...]) -> Reals:
    """An array to be filled on memory that a callback was given."""
    return np.asarray(_Borrowed(where, shape, np.float64, None, False))
