#!/usr/bin/env python3
"""Writes the numbers that the tests in this folder compare the library with: kernels.csv, mmd.csv, trajectories.csv.

    make_oracle.py [FOLDER]                   write them (into this folder)
    make_oracle.py --compare FOLDER FOLDER    fail where two differ by more than 1e-12 of a row's largest number

A row is a key, then numbers or words. Inputs are short decimals, results have 17 significant digits."""

import os
import sys

import numpy as np

import oracle
from oracle import L

HERE = os.path.dirname(os.path.abspath(__file__))


class Writer:
    def __init__(self, folder, name, comment):
        self.file = open(os.path.join(folder, name), "w", encoding="ascii", newline="\n")
        self.file.write("".join(f"# {line}\n" for line in comment))

    def words(self, key, *values):
        self.file.write(",".join([key, *map(str, values)]) + "\n")

    def numbers(self, key, *values):
        flat = np.concatenate([np.ravel(oracle.real(v)) for v in values]).astype(float)
        self.file.write(",".join([key] + ["%.17g" % v for v in flat]) + "\n")

    def inputs(self, key, values):
        """Numbers that are short decimals."""
        self.file.write(",".join([key] + [repr(float(v)) for v in np.ravel(values)]) + "\n")

    def rough(self, key, values):
        """Scales of errors, rounded up to three digits."""
        self.file.write(",".join([key] + ["%.3g" % (float(v) * 1.005) for v in np.ravel(values)]) + "\n")

    def close(self):
        self.file.close()


class Numbers:
    """Random numbers that stay the same for every version of NumPy (Knuth's MMIX generator)."""

    def __init__(self, seed):
        self.state = seed * 7919 + 17
        for _ in range(8):
            self.uniform()

    def uniform(self):
        self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53

    def points(self, n, d, low, high, digits=2):
        return np.array([[round(low + (high - low) * self.uniform(), digits) for _ in range(d)] for _ in range(n)])

    def weights(self, n, mass, zero=()):
        """Multiples of 0.001 of the sum given, 0 at the indices `zero`."""
        raw = [0 if i in zero else 0.3 + self.uniform() for i in range(n)]
        parts = [int(1000 * mass * r / sum(raw)) for r in raw]
        parts[-1] += round(1000 * mass) - sum(parts)
        return np.array(parts) / 1000


# ------------------------------------------------------------------------------------------------------------ kernels

KERNELS = [
    "gaussian:1", "gaussian:0.6", "laplace:0.8", "matern12:1.3", "matern32:0.7", "matern52:1.1", "imq:1", "imq:2,0.25",
    "imq:0.7,1.5", "riesz:0.5", "riesz:1", "riesz:1.5", "energy", "linear", "polynomial:1,2", "polynomial:0,3",
    "polynomial:0.5,1", "polynomial:2,5", "0.5*gaussian:1+0.5*gaussian:4", "0.7*matern32:1+0.2*imq:1+0.1*riesz:1",
    "linear+0.25*polynomial:1,2+2e-1*laplace:1",
]


def check_gradients():
    """Gradients against differences of the values, so that a slip in one of them is not taken for the library's."""
    random = Numbers(1)
    x, y, h = random.points(3, 3, -1, 1), random.points(4, 3, -1, 1), L(1e-6)
    for spec in KERNELS:
        kernel = oracle.Kernel(spec)
        for axis in range(3):
            step = np.zeros(3, dtype=L)
            step[axis] = h
            difference = (kernel.value(x + step, y) - kernel.value(x - step, y)) / (2 * h)
            assert np.abs(difference - kernel.gradient(x, y)[:, :, axis]).max() < 1e-9, spec


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


# ------------------------------------------------------------------------------------------------------- trajectories

STEPS = 10


class Problem:
    """A kernel, a target of mass p (None: a mixture) and a start: particles of mass m on a jittered lattice, so that
    their Gram matrix is well conditioned."""

    def __init__(self, name, kernel, shape, spacing, m, p, tau, etas, dead=(), shift=0.0, seed=0):
        random = Numbers(seed)
        self.name, self.kernel, self.tau, self.etas = name, kernel, tau, etas
        n, d = int(np.prod(shape)), len(shape)
        axes = [np.arange(s) - (s - 1) / 2 for s in shape]
        lattice = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)
        self.x = np.round(spacing * lattice - shift + random.points(n, d, -0.2, 0.2), 2)
        self.a = random.weights(n, m, dead)
        self.mixture = MIXTURES[d] if p is None else None
        if p is None:
            self.target = oracle.Mixture(*self.mixture)
        else:
            self.y, self.b = random.points(11, d, -0.9, 2.1), random.weights(11, p)
            if oracle.Kernel(kernel).conditional():
                self.y[0] = self.x[0]  # here the gradient does not exist and is taken as 0
            self.target = oracle.Samples(self.y, self.b)

    def eta(self, reaction):
        return self.etas[REACTIONS.index(reaction)] if reaction != "-" else 0.0

    def step(self, mode):
        """euclidean steps are multiplied by weights of about mass / n"""
        return {"-": 0.0, "explicit": self.tau, "euclidean": self.tau * 5}[mode]

    def write(self, out):
        out.words("problem", self.name, self.x.shape[0], 0 if self.mixture else len(self.y), self.x.shape[1])
        out.words("kernel", self.kernel)
        out.inputs("x", self.x)
        out.inputs("a", self.a)
        if self.mixture:
            for key, values in zip(("weights", "means", "covariances"), self.mixture):
                out.inputs(key, values)
        else:
            out.inputs("y", self.y)
            out.inputs("b", self.b)


REACTIONS = ["exponential", "implicit", "gradient", "mirror", "hellinger"]
SUM = "0.6*gaussian:0.8+0.4*imq:2"

# mass kept: wasserstein and the spherical geometries
KEPT = [
    Problem("gauss", "gaussian:1", (4, 2), 1.1, 1.0, 1.0, 0.4, (0.6, 0.7, 0.5, 0.8, 0.7), seed=11),
    Problem("matern", "matern32:1.2", (4, 2), 1.1, 1.0, 1.0, 0.3, (0.5, 0.8, 0.4, 0.9, 0.6), dead=(3,), seed=12),
    Problem("imq", "imq:1", (7,), 0.9, 0.8, 1.2, 0.5, (0.3, 0.4, 0.2, 0.7, 0.8), seed=13),
    Problem("energy", "energy", (4, 2), 1.0, 1.0, 1.0, 0.15, (0.5, 0.6, 0.1, 0.5, 0.5), shift=0.5, seed=14),
    Problem("sum", SUM, (2, 2, 2), 1.6, 1.5, 1.5, 0.3, (1.2, 1.5, 0.5, 0.6, 0.5), shift=0.6, seed=15),
    Problem("mixture", "gaussian:1", (4, 2), 1.3, 1.0, None, 0.4, (1.2, 1.5, 0.7, 0.8, 0.7), shift=0.6, seed=16),
]
# mass free: masses of start and target differ, but for `even`, whose kernel has to be anchored from the first step on
FREE = [
    Problem("gauss-free", "gaussian:1", (4, 2), 1.1, 0.6, 1.7, 0.3, (0.4, 0.5, 0.4, 0.5, 0.4), seed=21),
    Problem("matern-free", "matern32:1.2", (7,), 1.0, 1.4, 0.5, 0.25, (0.3, 0.4, 0.2, 0.5, 0.6), seed=22),
    Problem("imq-free", "imq:1", (4, 2), 1.1, 0.8, 1.3, 0.4, (0.3, 0.35, 0.2, 0.6, 0.5), dead=(5,), seed=23),
    Problem("energy-free", "riesz:1", (4, 2), 1.0, 0.7, 1.3, 0.1, (0.5, 0.6, 0.1, 0.1, 0.12), seed=24),
    Problem("sum-free", SUM, (2, 2, 2), 1.6, 1.5, 0.9, 0.3, (1.2, 1.5, 0.4, 0.6, 0.5), shift=0.6, seed=25),
    Problem("mixture-free", "0.7*gaussian:0.8+0.3*gaussian:2", (4, 2), 1.3, 0.7, None, 0.3, (1.2, 1.5, 0.5, 0.5, 0.6),
            shift=0.9, seed=26),
    Problem("even", "energy", (4, 2), 1.0, 1.0, 1.0, 0.1, (0.5, 0.6, 0.1, 0.2, 0.15), seed=27),
]


def combinations(geometry):
    """Transport, reaction and center; - where there is none."""
    transports = ["explicit", "euclidean"] if geometry in oracle.TRANSPORT else ["-"]
    reactions = [("-", "-")]
    if geometry in oracle.MMD:
        reactions = [(r, c) for r in ("exponential", "implicit") for c in ("new", "old")] + [("gradient", "-")]
    if geometry in oracle.FISHER_RAO:
        reactions = [("mirror", "new"), ("mirror", "old"), ("hellinger", "-")]
    return [(t, r, c) for t in transports for r, c in reactions]


def run(problem, geometry, transport, reaction, center):
    try:
        return oracle.flow(geometry, problem.kernel, problem.target, problem.x, problem.a, STEPS, transport, reaction,
                           center.replace("-", "new"), problem.step(transport), problem.eta(reaction))
    except (ArithmeticError, AssertionError) as error:
        raise SystemExit(f"{problem.name} {geometry} {transport} {reaction} {center}: {error}")


def quantities(state):
    names = ("energy", "transport_dissipation", "reaction_dissipation", "mass", "gap", "alive")
    return [state[name] for name in names]


def write_trajectories(folder):
    out = Writer(folder, "trajectories.csv", [
        "problem,NAME,n,m,d: kernel, start (x, a), target (y, b) of m samples, or a mixture (m = 0).",
        "full,PROBLEM,GEOMETRY,TRANSPORT,REACTION,CENTER,TAU,ETA: of each state 0..10 a row q: energy,",
        "transport_dissipation, reaction_dissipation, mass, gap, alive; from state 1 on x, a if they change.",
        "last,...: q of state 10, then the sums of (i+1) a_i and of (i+1) x_i, i counting all numbers of the array.",
    ])
    geometries = ["wasserstein", "mmd", "spherical-mmd", "fisher-rao", "spherical-fisher-rao", "ift", "spherical-ift",
                  "wfr", "spherical-wfr"]
    for problem in KEPT + FREE:
        problem.write(out)
    number, lost = 0, 0
    for geometry in geometries:
        kept = oracle.mass_is_kept(geometry)
        problems = KEPT if kept else FREE
        for transport, reaction, center in combinations(geometry):
            for i, problem in enumerate(problems):
                states = run(problem, geometry, transport, reaction, center)
                full = i == number % len(problems) and not (transport == "-" and center == "old")
                out.words("full" if full else "last", problem.name, geometry, transport, reaction, center,
                          problem.step(transport), problem.eta(reaction))
                if full:
                    for k, state in enumerate(states):
                        out.numbers("q", quantities(state))
                        if k > 0 and geometry in oracle.TRANSPORT:
                            out.numbers("x", state["x"])
                        if k > 0 and geometry != "wasserstein":
                            out.numbers("a", state["a"])
                else:
                    x, a = states[-1]["x"], states[-1]["a"]
                    out.numbers("q", quantities(states[-1]), np.arange(1, a.size + 1) @ a,
                                np.arange(1, x.size + 1) @ x.ravel())
                lost += min(state["alive"] for state in states) < states[0]["alive"]
            number += 1
    assert lost >= 60, f"weights reach 0 in {lost} trajectories: too few"
    out.close()


def check_energy_balance():
    """Per reaction F falls by (1 + eta/2) eta (`implicit`) or (eta/2) coth(eta/2) eta (`exponential`) times the
    dissipation, and by no less in steps in which a weight is or gets 0 (the paper's Theorem 3.3 in discrete form)."""
    equal = 0
    for problem, geometry in [(p, "spherical-mmd") for p in KEPT] + [(p, "mmd") for p in FREE]:
        for reaction in ("implicit", "exponential"):
            eta = L(problem.eta(reaction))
            factor = 1 + eta / 2 if reaction == "implicit" else eta / 2 / np.tanh(eta / 2)
            states = run(problem, geometry, "-", reaction, "new")
            for before, after in zip(states, states[1:]):
                surplus = before["energy"] - after["energy"] - factor * eta * after["reaction_dissipation"]
                inside = min(before["alive"], after["alive"]) == len(problem.a)
                assert abs(surplus) < 1e-16 if inside else surplus > -1e-16, (problem.name, reaction, surplus)
                equal += inside
    assert equal > 0


# --------------------------------------------------------------------------------------------------------- comparison


def compare(one, two):
    worst = 0.0
    for name in ("kernels.csv", "mmd.csv", "trajectories.csv"):
        rows = []
        for folder in (one, two):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                rows.append(file.read().splitlines())
        if len(rows[0]) != len(rows[1]):
            raise SystemExit(f"{name}: {len(rows[0])} rows and {len(rows[1])}")
        for line, (a, b) in enumerate(zip(*rows), 1):
            if a == b or a.startswith("#"):
                continue
            (key, *left), (other, *right) = a.split(","), b.split(",")
            try:
                left, right = np.array(left, dtype=float), np.array(right, dtype=float)
            except ValueError:
                raise SystemExit(f"{name}:{line}: {a} is not {b}")
            rtol = 0.02 if "scale" in key else 1e-12  # scales have three digits
            same = key == other and left.shape == right.shape and (np.isnan(left) == np.isnan(right)).all()
            error = np.nanmax(np.abs(left - right), initial=0) if same else np.inf
            if not error <= rtol * np.nanmax(np.abs(right), initial=0):
                raise SystemExit(f"{name}:{line}: {key} differs by {error:.2g}")
            worst = max(worst, error if "scale" not in key else 0)
    print(f"oracle: the committed numbers are those of the oracle (largest difference {worst:.1e})")


def main(arguments):
    if arguments[:1] == ["--compare"]:
        return compare(*arguments[1:])
    folder = arguments[0] if arguments else HERE
    check_gradients()
    check_mixtures()
    check_energy_balance()
    write_kernels(folder)
    write_mmd(folder)
    write_trajectories(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
