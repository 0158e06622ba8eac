#!/usr/bin/env python3
"""Writes the numbers that the tests in this folder compare kernels, distances and energies with: kernels.csv, mmd.csv.

    make_oracle.py [FOLDER]                   write them (into this folder)
    make_oracle.py --compare FOLDER FOLDER    fail where two differ by more than 1e-12 of a row's largest number

A row is a key, then numbers or words. Inputs are short decimals, results have 17 significant digits."""

import os
import sys

import numpy as np

import oracle
from oracle import L
from table import Numbers, Writer, compare

HERE = os.path.dirname(os.path.abspath(__file__))


# ------------------------------------------------------------------------------------------------------------ kernels

KERNELS = [
    "gaussian:1", "gaussian:0.6", "laplace:0.8", "matern12:1.3", "matern32:0.7", "matern52:1.1", "imq:1", "imq:2,0.25",
    "imq:0.7,1.5", "riesz:0.5", "riesz:1", "riesz:1.5", "energy", "linear", "polynomial:1,2", "polynomial:0,3",
    "polynomial:0.5,1", "polynomial:2,5", "0.5*gaussian:1+0.5*gaussian:4", "0.7*matern32:1+0.2*imq:1+0.1*riesz:1",
    "linear+0.25*polynomial:1,2+2e-1*laplace:1",
]


def check_gradients():
    """Gradients against differences of the values, and second derivatives against those of gradients, so that a slip in
    one of them is not taken for the library's."""
    random = Numbers(1)
    x, y, h = random.points(3, 3, -1, 1), random.points(4, 3, -1, 1), L(1e-6)
    for spec in KERNELS:
        kernel = oracle.Kernel(spec)
        for axis in range(3):
            step = np.zeros(3, dtype=L)
            step[axis] = h
            difference = (kernel.value(x + step, y) - kernel.value(x - step, y)) / (2 * h)
            assert np.abs(difference - kernel.gradient(x, y)[:, :, axis]).max() < 1e-9, spec
            if kernel.smooth():
                difference = (kernel.gradient(x + step, y) - kernel.gradient(x - step, y)) / (2 * h)
                assert np.abs(difference - kernel.hessian(x, y)[:, :, axis]).max() < 1e-9, spec


def write_kernels(folder):
    out = Writer(folder, "kernels.csv", [
        "points,NAME,n,m,d then x, y, w; for each kernel: gram (n by m), value and gradient of the sum over y with",
        "weights w, and what errors of each are relative to: the sums of the absolute terms. x and y share points.",
    ])
    random = Numbers(2)
    for name, n, m, d, low, high in [("d1", 3, 5, 1, -2, 2), ("d2", 3, 5, 2, -2, 2), ("d3", 3, 5, 3, -1.5, 1.5),
                                     ("d10", 3, 4, 10, -1, 1), ("many", 5, 133, 2, -3, 3)]:
        x, y = random.points(n, d, low, high), random.points(m, d, low, high)
        w = random.points(1, m, -1, 1)[0]
        y[1] = x[0]  # the same point: gradients that do not exist are 0
        y[2] = x[1]
        y[2, 0] = x[1, 0] + 2.0**-30  # nearly the same
        x[n - 1, : (d + 1) // 2] = y[3, : (d + 1) // 2]  # some coordinates in common (all of them for d = 1)
        out.words("points", name, n, m, d)
        for key, values in (("x", x), ("y", y), ("w", w)):
            out.inputs(key, values)
        for spec in KERNELS:
            kernel = oracle.Kernel(spec)
            value_scale, gradient_scale = kernel.scales(x, y)
            out.words("kernel", spec)
            if name != "many":
                out.numbers("gram", kernel.value(x, y))
                if any(kind in oracle.DOT for _, kind, _ in kernel.terms):  # else it is |gram|
                    out.rough("gram_scale", value_scale)
            out.numbers("value", kernel.value(x, y) @ oracle.real(w))
            out.rough("value_scale", value_scale @ np.abs(w))
            out.numbers("gradient", np.einsum("ijl,j->il", kernel.gradient(x, y), oracle.real(w)))
            out.rough("gradient_scale", np.einsum("ijl,j->il", gradient_scale, np.abs(w)))
    out.close()


# ------------------------------------------------------------------------------- distances, targets in closed form

MIXTURES = {  # weights, means, covariances
    1: ([1.0], [[0.3]], [[[0.5]]]),
    2: ([0.5, 0.3, 0.2], [[-1.0, 0.2], [0.8, 1.1], [0.4, -0.9]],
        [[[0.4, 0.1], [0.1, 0.3]], [[0.2, -0.05], [-0.05, 0.6]], [[0.5, 0.0], [0.0, 0.1]]]),
    3: ([0.6, 0.4], [[0.0, 0.5, -0.5], [1.0, -0.4, 0.2]],
        [[[0.5, 0.1, 0.0], [0.1, 0.4, -0.1], [0.0, -0.1, 0.3]], [[0.2, 0.0, 0.05], [0.0, 0.3, 0.0], [0.05, 0.0, 0.4]]]),
}
MIXTURE_KERNELS = ["gaussian:0.7", "0.4*gaussian:0.5+1.5*gaussian:2"]


def check_mixtures():
    """Embeddings and kappa against a trapezoid rule in whitened coordinates on [-9, 9]^d, which converges faster than
    any power of the step for such integrands."""
    for d, parameters in MIXTURES.items():
        mixture = oracle.Mixture(*parameters)
        step = 0.25 if d == 3 else 0.05
        line = np.arange(-9, 9 + step / 2, step)
        grid = np.stack([g.ravel() for g in np.meshgrid(*[line] * d, indexing="ij")], axis=1)
        density = np.exp(-(grid**2).sum(axis=1) / 2) * (step / np.sqrt(2 * np.pi)) ** d
        grid, density = grid[density > 1e-22], density[density > 1e-22]
        points = Numbers(3).points(3, d, -1.5, 1.5)
        for spec in MIXTURE_KERNELS:
            kernel = oracle.Kernel(spec)
            c, kappa, gradient = 0.0, 0.0, 0.0
            for w, mean, covariance in zip(*parameters):
                nodes = np.array(mean) + grid @ np.linalg.cholesky(np.array(covariance)).T
                for start in range(0, len(nodes), 50000):
                    part, weights = nodes[start : start + 50000], w * density[start : start + 50000]
                    for coefficient, _, (s,) in kernel.terms:
                        difference = points[:, None, :] - part[None, :, :]
                        k = float(coefficient) * np.exp(-(difference**2).sum(axis=2) / (2 * float(s) ** 2)) * weights
                        c = c + k.sum(axis=1)
                        gradient = gradient - (k[:, :, None] * difference).sum(axis=1) / float(s) ** 2
                    kappa += float(mixture.embedding(kernel, part)[0] @ weights)
            assert np.abs(mixture.embedding(kernel, points)[0] - c).max() < 1e-13, (d, spec)
            assert np.abs(mixture.embedding_gradient(kernel, points)[0] - gradient).max() < 1e-13, (d, spec)
            for axis, h in enumerate(np.eye(d, dtype=L) * L(1e-6)):
                up, down = (mixture.embedding_gradient(kernel, points + sign * h)[0] for sign in (1, -1))
                second = (up - down) / L(2e-6)
                assert np.abs(mixture.embedding_hessian(kernel, points)[:, axis] - second).max() < 1e-9, (d, spec)
            assert abs(mixture.self_energy(kernel)[0] - kappa) < 1e-13, (d, spec)


def write_energy(out, energy, points, x, a):
    value, value_scale = energy.value(x, a)
    out.numbers("value", value)
    out.rough("value_scale", value_scale)
    for suffix, at in (("", points), ("_own", x)):
        g, g_scale = energy.first_variation(at, x, a)
        v, v_scale = energy.gradient(at, x, a)
        out.numbers("variation" + suffix, g)
        out.rough("variation_scale" + suffix, g_scale)
        out.numbers("gradient" + suffix, v)
        out.rough("gradient_scale" + suffix, v_scale)


def write_mmd(folder):
    out = Writer(folder, "mmd.csv", [
        "median,n,d: x and the bandwidth of the median heuristic.",
        "pair,NAME,n,m,d,q: measures (x, a) and (y, b), points; for each kernel: mmd2, witness, standard error, and",
        "the scale of errors, the sum of the absolute terms.",
        "energy,NAME,n,m,d,q: F = 1/2 MMD^2 to (y, b), anchored at its mean for riesz kernels; value, variation and",
        "gradient at the points and (_own) at the measure's particles.",
        "mixture,NAME,n,m,d,q: the same to a mixture of m Gaussians.",
    ])
    random = Numbers(4)
    for n, d in [(2, 1), (5, 1), (6, 2), (9, 3), (40, 10)]:  # even and odd numbers of pairs
        x = random.points(n, d, -2, 2)
        out.words("median", n, d)
        out.inputs("x", x)
        out.numbers("bandwidth", oracle.bandwidth_median(x))
    pairs = [("unit", 5, 9, 2, 1.0, 1.0), ("equal", 12, 4, 1, 2.5, 2.5), ("unequal", 6, 7, 3, 0.6, 1.3),
             ("single", 1, 1, 2, 1.0, 1.0)]
    for name, n, m, d, mass_a, mass_b in pairs:
        x, y, points = random.points(n, d, -1.5, 1.5), random.points(m, d, -1, 2), random.points(3, d, -2, 2)
        a, b = random.weights(n, mass_a), random.weights(m, mass_b)
        if name != "single":
            y[1], points[1], points[2] = x[0], x[2], y[2]
        out.words("pair", name, n, m, d, len(points))
        for key, values in (("x", x), ("a", a), ("y", y), ("b", b), ("points", points)):
            out.inputs(key, values)
        for spec in KERNELS:
            kernel = oracle.Kernel(spec)
            if kernel.conditional() and mass_a != mass_b:
                continue
            out.words("kernel", spec)
            for key, (result, scale) in (("mmd2", oracle.mmd2(kernel, x, a, y, b)),
                                         ("witness", oracle.witness(kernel, points, x, a, y, b)),
                                         ("error", oracle.mmd2_standard_error(kernel, x, a, y, b))):
                out.numbers(key, result)
                out.rough(key + "_scale", scale)
    x, y, points = random.points(6, 2, -1.5, 1.5), random.points(7, 2, -1, 2), random.points(3, 2, -2, 2)
    y[1], points[1], points[2] = x[0], x[2], y[2]
    a, b = random.weights(6, 0.7), random.weights(7, 1.6)
    out.words("energy", "unequal", 6, 7, 2, 3)
    for key, values in (("x", x), ("a", a), ("y", y), ("b", b), ("points", points)):
        out.inputs(key, values)
    for spec in ["gaussian:1", "matern32:0.7", "imq:1", "polynomial:1,2", "riesz:0.5", "riesz:1", "riesz:1.5", "energy",
                 "0.7*matern32:1+0.2*imq:1+0.1*riesz:1"]:
        target = oracle.Samples(y, b)
        out.words("kernel", spec)
        write_energy(out, oracle.Energy(oracle.Anchored(spec, target.mean), target), points, x, a)
    for (d, parameters), mass in zip(MIXTURES.items(), (1.0, 0.8, 1.0)):
        x, points, a = random.points(5, d, -1.5, 1.5), random.points(3, d, -2, 2), random.weights(5, mass)
        out.words("mixture", f"d{d}", 5, len(parameters[0]), d, 3)
        for key, values in (("x", x), ("a", a), ("points", points), ("weights", parameters[0]),
                            ("means", parameters[1]), ("covariances", parameters[2])):
            out.inputs(key, values)
        for spec in MIXTURE_KERNELS:
            out.words("kernel", spec)
            write_energy(out, oracle.Energy(oracle.Kernel(spec), oracle.Mixture(*parameters)), points, x, a)
    out.close()


def main(arguments):
    if arguments[:1] == ["--compare"]:
        return compare(["kernels.csv", "mmd.csv"], *arguments[1:])
    folder = arguments[0] if arguments else HERE
    check_gradients()
    check_mixtures()
    write_kernels(folder)
    write_mmd(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
