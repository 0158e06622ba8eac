"""Data that the tests share."""
import os
import unittest

import numpy as np

import ift

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.environ.get("IFT_DATA", os.path.join(HERE, "..", "..", "..", "data", "faithful.csv"))


def faithful() -> np.ndarray:
    """The Old Faithful data, standardized."""
    x = np.loadtxt(DATA, delimiter=",", skiprows=1)
    return (x - x.mean(axis=0)) / x.std(axis=0)


def cloud(n: int, d: int = 2, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def gaussian(x: np.ndarray, y: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    return np.exp(-((x[:, None] - y[None]) ** 2).sum(-1) / (2 * sigma**2))


def gaussian_gradient(x: np.ndarray, y: np.ndarray, sigma: float = 1.0) -> np.ndarray:
    return -(x[:, None] - y[None]) / sigma**2 * gaussian(x, y, sigma)[:, :, None]


class Case(unittest.TestCase):
    """Each test has a context of its own."""

    def setUp(self) -> None:
        self.context = ift.Context()

    def kernel(self, spec: str = "gaussian:1") -> ift.Kernel:
        return ift.Kernel(spec, context=self.context)

    def energy(self, n: int = 50) -> ift.Energy:
        return ift.Energy.mmd(self.kernel(), cloud(n))

    def flow(self, geometry: str = "spherical-ift", n: int = 10, **options) -> ift.Flow:
        return ift.Flow(geometry, self.energy(), cloud(n, seed=2), **options)

    def assert_close(self, a, b, rtol: float = 1e-12, atol: float = 1e-14) -> None:
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)
