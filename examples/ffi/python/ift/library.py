"""The shared library: where it is, and the prototypes of its functions.

It is looked for in this order: the file that the environment variable IFT_LIBRARY names; the folder that pkg-config
knows (so PKG_CONFIG_PATH counts); wherever the loader looks (so LD_LIBRARY_PATH counts).
"""
from __future__ import annotations

import ctypes
import os
import subprocess
from ctypes import c_char_p, c_double, c_int, c_int64, c_uint64, c_void_p
from typing import Any, Dict, Iterator, Tuple

_SONAME = "libift.so.1"

# One letter an argument: a pointer of any kind, functions included; a text; an int64_t; a uint64_t; an int; a double.
_LETTERS = {"p": c_void_p, "s": c_char_p, "l": c_int64, "u": c_uint64, "i": c_int, "d": c_double, "-": None}

# What each function returns and takes: "i:pps". An ift_status is as wide as an int.
PROTOTYPES: Dict[str, str] = {
    "ift_context_create": "i:p",
    "ift_context_create_with_allocator": "i:pppp",
    "ift_context_destroy": "-:p",
    "ift_context_set_seed": "i:pu",
    "ift_context_set_threads": "i:pi",
    "ift_context_set_option": "i:pss",
    "ift_context_set_log": "i:pppp",
    "ift_context_message": "s:p",
    "ift_status_name": "s:i",
    "ift_version": "i:",
    "ift_version_string": "s:",
    "ift_build_info": "l:pl",
    "ift_measure_create": "i:pppllp",
    "ift_measure_clone": "i:pp",
    "ift_measure_destroy": "-:p",
    "ift_measure_size": "l:p",
    "ift_measure_dim": "l:p",
    "ift_measure_mass": "d:p",
    "ift_measure_positions": "p:p",
    "ift_measure_weights": "p:p",
    "ift_measure_copy_positions": "i:pp",
    "ift_measure_copy_weights": "i:pp",
    "ift_measure_set": "i:ppp",
    "ift_measure_normalize": "i:pd",
    "ift_measure_moments": "i:ppp",
    "ift_measure_effective_size": "d:p",
    "ift_measure_resample": "i:ppl",
    "ift_measure_prune": "i:ppd",
    "ift_measure_merge": "i:ppd",
    "ift_measure_load": "i:pps",
    "ift_measure_save": "i:ps",
    "ift_kernel_gaussian": "i:ppd",
    "ift_kernel_laplace": "i:ppd",
    "ift_kernel_matern": "i:ppdd",
    "ift_kernel_imq": "i:ppdd",
    "ift_kernel_riesz": "i:ppd",
    "ift_kernel_linear": "i:pp",
    "ift_kernel_polynomial": "i:ppdi",
    "ift_kernel_sum": "i:ppppl",
    "ift_kernel_custom": "i:ppppp",
    "ift_kernel_parse": "i:pps",
    "ift_kernel_destroy": "-:p",
    "ift_kernel_gram": "i:pppllpl",
    "ift_kernel_sum_pairs": "i:ppppllplp",
    "ift_kernel_check": "i:pplld",
    "ift_bandwidth_median": "i:pp",
    "ift_mmd2": "i:pppp",
    "ift_mmd2_standard_error": "i:pppp",
    "ift_witness": "i:pppllpp",
    "ift_target_samples": "i:ppp",
    "ift_target_gaussian_mixture": "i:ppllppp",
    "ift_target_density": "i:pplppppp",
    "ift_target_sampler": "i:pplppp",
    "ift_target_destroy": "-:p",
    "ift_energy_mmd": "i:pppp",
    "ift_energy_kl": "i:pppd",
    "ift_energy_potential": "i:pplppp",
    "ift_energy_interaction": "i:pplp",
    "ift_energy_sum": "i:ppppl",
    "ift_energy_custom": "i:pplppp",
    "ift_energy_check": "i:ppd",
    "ift_energy_destroy": "-:p",
    "ift_energy_value": "i:ppp",
    "ift_energy_first_variation": "i:pppllp",
    "ift_energy_gradient": "i:pppllp",
    "ift_flow_create": "i:ppspp",
    "ift_flow_destroy": "-:p",
    "ift_flow_set_real": "i:psd",
    "ift_flow_set_int": "i:psl",
    "ift_flow_set_text": "i:pss",
    "ift_flow_get_real": "i:psp",
    "ift_flow_get_int": "i:psp",
    "ift_flow_get_text": "i:pspl",
    "ift_flow_set_kernel": "i:pp",
    "ift_flow_step": "i:pl",
    "ift_flow_run": "i:pl",
    "ift_flow_request_stop": "-:p",
    "ift_flow_save": "i:pplp",
    "ift_flow_restore": "i:ppl",
    "ift_flow_measure": "p:p",
    "ift_flow_set_monitor": "i:pppp",
    "ift_compression_create": "i:ppppl",
    "ift_compression_destroy": "-:p",
    "ift_compression_set_real": "i:psd",
    "ift_compression_set_int": "i:psl",
    "ift_compression_set_text": "i:pss",
    "ift_compression_get_real": "i:psp",
    "ift_compression_get_int": "i:psp",
    "ift_compression_get_text": "i:pspl",
    "ift_compression_run": "i:p",
    "ift_compression_request_stop": "-:p",
    "ift_compression_measure": "p:p",
    "ift_compression_rows": "p:p",
    "ift_compression_set_monitor": "i:pppp",
    "ift_compress": "i:pppppls",
    "ift_simplex_qp": "i:ppppppldpsd",
    "ift_cone_qp": "i:pppppplpsd",
    "ift_simplex_project": "i:pppld",
    "ift_option_count": "l:",
    "ift_option_noun": "s:l",
    "ift_option_name": "s:l",
    "ift_option_type": "s:l",
    "ift_option_access": "s:l",
    "ift_option_range": "s:l",
    "ift_option_default": "s:l",
    "ift_option_applies": "s:l",
    "ift_option_doc": "s:l",
    "ift_kind_count": "l:",
    "ift_kind_noun": "s:l",
    "ift_kind_name": "s:l",
    "ift_kind_spec": "s:l",
    "ift_kind_doc": "s:l",
}


def _candidates() -> Iterator[str]:
    named = os.environ.get("IFT_LIBRARY")
    if named:
        yield named
        return
    try:
        told = subprocess.run(
            ["pkg-config", "--variable=libdir", "ift"], capture_output=True, text=True, check=False, timeout=10
        )
        if told.returncode == 0:
            yield os.path.join(told.stdout.strip(), _SONAME)
    except (OSError, subprocess.SubprocessError):
        pass
    yield _SONAME


def _load() -> Tuple[ctypes.CDLL, str]:
    said = []
    for path in _candidates():
        try:
            return ctypes.CDLL(path), path
        except OSError as error:
            said.append(str(error))
    raise ImportError(
        "libift is not found (" + "; ".join(said) + "); install it, or say where it is: "
        "IFT_LIBRARY=/path/" + _SONAME + ", or PKG_CONFIG_PATH=/path/pkgconfig"
    )


def _declare(library: ctypes.CDLL, path: str) -> None:
    for name, letters in PROTOTYPES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            version = library.ift_version() if hasattr(library, "ift_version") else "unknown"
            raise ImportError(f"{path} (version {version}) has no function {name}; it is older than this module") from None
        returned, taken = letters.split(":")
        function.restype = _LETTERS[returned]
        function.argtypes = [_LETTERS[letter] for letter in taken]


_library, PATH = _load()
_declare(_library, PATH)
lib: Any = _library
"""The functions, by the names that <ift.h> has; calls let go of Python's global lock."""
