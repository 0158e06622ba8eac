#!/usr/bin/env python3
"""Writes qp.csv: quadratic programs over the simplex and the cone with their exact solutions.

    make_qp.py [FOLDER]                 write it (into this folder)
    make_qp.py --compare FOLDER FOLDER  fail where two differ by more than 1e-12 of a row's largest number

SciPy finds the support (non-negative least squares for the cone, sequential quadratic programming for the simplex),
then the equations of the support are solved in rational numbers, the support is corrected until weights and reduced
gradients have the right signs, and with them the solution is the exact one of the matrix as it is written: no tolerance
is involved.

A problem is a row `problem,NAME,KIND` with KIND simplex or cone, then the rows sizes (n, 1 where the minimizer is
unique), mass, gram (n by n), linear, minimum, weights (a minimizer). Numbers have 17 significant digits, which is exact
for doubles."""

import os
import sys
from fractions import Fraction

import numpy as np
from scipy.optimize import minimize, nnls

HERE = os.path.dirname(os.path.abspath(__file__))


class Numbers:
    """Random numbers that stay the same for every version of NumPy (Knuth's MMIX generator)."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2.0**53

    def normal(self, *shape):
        size = int(np.prod(shape))
        return np.array([sum(self.uniform() for _ in range(12)) - 6 for _ in range(size)]).reshape(shape)


def gaussian(x, y, s):
    return np.exp(-((x[:, None, :] - y[None, :, :]) ** 2).sum(2) / (2 * s * s))


def solve_exactly(a, b):
    """Gauss-Jordan in rational numbers; None where the matrix is singular."""
    n = len(b)
    rows = [list(r) + [v] for r, v in zip(a, b)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if rows[i][k] != 0), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                factor = rows[i][k] / rows[k][k]
                rows[i] = [u - factor * v for u, v in zip(rows[i], rows[k])]
    return [rows[k][n] / rows[k][k] for k in range(n)]


def face(K, t, mass, support):
    """Weights and multiplier that solve the equations of a support."""
    a = [[K[i][j] for j in support] for i in support]
    b = [t[i] for i in support]
    if mass is None:
        x = solve_exactly(a, b)
        return None if x is None else (x, Fraction(0))
    a = [row + [Fraction(-1)] for row in a] + [[Fraction(1)] * len(support) + [Fraction(0)]]
    x = solve_exactly(a, b + [mass])
    return None if x is None else (x[:-1], x[-1])


def guess(K, t, mass):
    """Weights in floating point."""
    n = len(t)
    if mass is None:
        w, v = np.linalg.eigh(K)
        keep = w > 1e-13 * w.max()
        root = np.sqrt(w[keep])[:, None] * v[:, keep].T
        return nnls(root, (v[:, keep].T @ t) / np.sqrt(w[keep]))[0]
    found = minimize(
        lambda b: 0.5 * b @ K @ b - t @ b,
        np.full(n, mass / n),
        jac=lambda b: K @ b - t,
        method="SLSQP",
        bounds=[(0, None)] * n,
        constraints={"type": "eq", "fun": lambda b: b.sum() - mass, "jac": lambda b: np.ones(n)},
        options={"ftol": 1e-16, "maxiter": 2000},
    )
    return found.x


def exact(K, t, mass):
    """The minimum and a minimizer as rational numbers, and the estimate of SciPy."""
    rough = guess(K, t, mass)
    n = len(t)
    KF = [[Fraction(float(v)) for v in row] for row in K]
    tF = [Fraction(float(v)) for v in t]
    mF = None if mass is None else Fraction(mass)
    support = [i for i in range(n) if rough[i] > 1e-7]
    if mass is not None and not support:
        support = [int(np.argmax(rough))]
    for _ in range(20 * n):
        solution = face(KF, tF, mF, support)
        if solution is None:  # dependent: the lightest leaves
            support.remove(min(support, key=lambda i: rough[i]))
            continue
        x, multiplier = solution
        if x and min(x) <= 0:
            support.pop(x.index(min(x)))
            continue
        b = [Fraction(0)] * n
        for i, v in zip(support, x):
            b[i] = v
        g = [sum(KF[i][j] * b[j] for j in support) - tF[i] - multiplier for i in range(n)]
        worst = min(range(n), key=lambda i: g[i])
        if g[worst] >= 0:
            value = sum(b[i] * (g[i] + multiplier - tF[i]) for i in range(n)) / 2
            rough = np.maximum(rough, 0)
            if mass is not None:
                rough *= mass / rough.sum()
            return value, b, 0.5 * rough @ K @ rough - t @ rough
        support.append(worst)
    raise SystemExit("the support does not settle")


def problems():
    """Name, matrix, t, mass or None (cone), whether the minimizer is unique."""
    r = Numbers(2024)
    for n, d, s, masses in ((6, 1, 0.5, (1, 0.4)), (12, 2, 1, (1, 2.5)), (20, 2, 0.7, (0.4,)), (24, 3, 1, (1,))):
        x, y = r.normal(n, d), r.normal(15, d)
        K, t = gaussian(x, x, s), gaussian(x, y, s).mean(1)
        for mass in masses:
            yield f"gaussian-{n}", K, t, mass, True
        yield f"gaussian-{n}", K, t, None, True
        yield f"far-{n}", K, t + 10 * r.normal(n), 1, True
    x, y = r.normal(14, 2), r.normal(15, 2)  # nearly singular
    yield "wide", gaussian(x, x, 4), gaussian(x, y, 4).mean(1), 1, True
    for rank in (1, 2, 3):  # exactly singular: small integers
        v = np.round(3 * r.normal(10, rank))
        target = np.round(2 * r.normal(rank))
        yield f"rank-{rank}", v @ v.T, v @ target, 1, False
        yield f"rank-{rank}", v @ v.T, v @ target, None, False
    x = np.repeat(r.normal(5, 2), 3, axis=0)  # duplicates
    y = r.normal(15, 2)
    yield "duplicates", gaussian(x, x, 1), gaussian(x, y, 1).mean(1), 2.5, False
    yield "duplicates", gaussian(x, x, 1), gaussian(x, y, 1).mean(1), None, False
    x, y = r.normal(12, 2), r.normal(15, 2)  # scales from 1e-4 to 1e4
    scale = 2.0 ** np.round(13 * (2 * np.array([r.uniform() for _ in range(12)]) - 1))
    K = gaussian(x, x, 0.6) * scale[:, None] * scale[None, :]
    yield "scales", K, gaussian(x, y, 0.6).mean(1) * scale, 1, False
    yield "negative", np.array([[2.0, -1, 0], [-1, 2, -1], [0, -1, 2]]), np.array([1.0, -3, 2]), None, True
    yield "one", np.array([[0.5]]), np.array([0.3]), 2.5, True


def write(folder):
    with open(os.path.join(folder, "qp.csv"), "w", encoding="ascii", newline="\n") as file:

        def row(key, values):
            file.write(key + "," + ",".join("%.17g" % float(v) for v in np.ravel(values)) + "\n")

        file.write("# exact solutions of quadratic programs, written by make_qp.py\n")
        count = 0
        for name, K, t, mass, unique in problems():
            K = (K + K.T) / 2
            value, b, rough = exact(K, t, mass)
            # SciPy is no match for scales that differ by 1e8; a solution with the right signs needs no second opinion
            if name != "scales" and not -1e-12 <= (rough - float(value)) / (1 + abs(rough)) <= 1e-4:
                raise SystemExit(f"{name}: SciPy found {rough}, exact is {float(value)}")
            file.write(f"problem,{name},{'cone' if mass is None else 'simplex'}\n")
            row("sizes", [len(t), int(unique)])
            row("mass", [0 if mass is None else mass])
            row("gram", K)
            row("linear", t)
            row("minimum", [value])
            row("weights", b)
            count += 1
        print(f"qp.csv: {count} problems")


def compare(one, two):
    lines = [open(os.path.join(folder, "qp.csv"), encoding="ascii").read().splitlines() for folder in (one, two)]
    if len(lines[0]) != len(lines[1]):
        raise SystemExit(f"qp.csv: {len(lines[0])} rows and {len(lines[1])}")
    worst = 0.0
    for number, (a, b) in enumerate(zip(*lines), 1):
        if a == b:
            continue
        (key, *left), (other, *right) = a.split(","), b.split(",")
        try:
            left, right = np.array(left, dtype=float), np.array(right, dtype=float)
        except ValueError:
            raise SystemExit(f"qp.csv:{number}: {a} is not {b}")
        error = np.abs(left - right).max(initial=0) if key == other and left.shape == right.shape else np.inf
        # a minimizer of a nearly singular matrix moves when the last digit of exp does
        allowed = 1e-6 if key == "weights" else 1e-12
        if not error <= allowed * np.abs(right).max(initial=0):
            raise SystemExit(f"qp.csv:{number}: {key} differs by {error:.2g}")
        worst = max(worst, error)
    print(f"qp.csv: the committed numbers are those of make_qp.py (largest difference {worst:.1e})")


def main(arguments):
    if arguments[:1] == ["--compare"]:
        return compare(*arguments[1:])
    write(arguments[0] if arguments else HERE)


if __name__ == "__main__":
    main(sys.argv[1:])
