#!/usr/bin/env python3
"""What a long search by another program comes to on the cases of bench_search: tests/bench/search/reference.csv.

    long.py SECONDS [CASE...]      from BUILD/tests/bench/bench_search (BUILD: build); seconds of one core for each case

Random starts, k-means centers and herding, each polished by Levenberg-Marquardt steps in the positions with the best weights
(variable projection; Golub and Pereyra 1973), then hops from the best end. Nothing of it is the library's. The least MMD^2
so far stays in the file, so that more runs only lower it. Exit status 77: NumPy or SciPy is not installed.
"""
import csv
import os
import subprocess
import sys
import time
import zlib

try:
    import numpy as np
    from scipy.linalg import LinAlgError, cho_factor, cho_solve
    from scipy.spatial.distance import cdist
except ImportError:
    sys.exit(77)

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "reference.csv")


def gaussian(length, q):
    k = np.exp(-q / (2 * length**2))
    return k, -k / length**2, k / length**4


def matern52(length, q):
    z = np.sqrt(5 * q) / length
    e = np.exp(-z)
    return (1 + z + z * z / 3) * e, -5 / (3 * length**2) * (1 + z) * e, 25 / (3 * length**4) * e


def imq(length, q):
    b = 1 + q / length**2
    return b**-0.5, -(b**-1.5) / length**2, 3 * b**-2.5 / length**4


class Problem:
    """k = f(r^2), with 2 f' and 4 f'' beside it; `at` is all that is known of positions with their best weights."""

    def __init__(self, profile, length, points):
        self.f, self.y = lambda q: profile(length, q), points
        self.c = self.f(cdist(points, points, "sqeuclidean"))[0].mean(1)
        self.kappa = self.c.mean()

    def weights(self, K, c):
        """Least a'Ka/2 - c'a over the simplex: the set of those above 0, until none wants to leave or to come."""
        n, ridge = len(c), 1e-15 * len(c)
        alive, a = np.ones(n, bool), np.full(n, 1 / n)
        for _ in range(60):
            i = np.flatnonzero(alive)
            try:
                factor = cho_factor(K[np.ix_(i, i)] + ridge * np.eye(len(i)), lower=True)
            except LinAlgError:
                ridge *= 10
                continue
            free, one = cho_solve(factor, np.stack([c[i], np.ones(len(i))], 1)).T
            free += (1 - free.sum()) / one.sum() * one
            if (free < 0).any():
                alive[i[free < 0]] = False
                continue
            a = np.zeros(n)
            a[i] = free
            g = K @ a - c
            lowest = int(np.argmin(np.where(alive, np.inf, g)))
            if alive[lowest] or g[lowest] >= g[i].mean() - 1e-14:
                return a / a.sum()
            alive[lowest] = True
        return a / a.sum()

    def at(self, x):
        k, slope, _ = self.f(cdist(x, self.y, "sqeuclidean"))
        c, slope = k.mean(1), slope / len(self.y)
        K, S, B = self.f(cdist(x, x, "sqeuclidean"))
        a = self.weights(K, c)
        Sa = S * a
        v = Sa.sum(1)[:, None] * x - Sa @ x - slope.sum(1)[:, None] * x + slope @ self.y
        return a @ (K @ a - c) - a @ c + self.kappa, a, K @ a - c, v, K, S, B

    def step(self, x, now, damping):
        """Gauss-Newton in weights and in y = a dx, damped; None where the matrix is not positive."""
        _, a, g, v, K, S, B = now
        live = np.flatnonzero(a > 0)
        n, d = len(live), x.shape[1]
        K, S, B, z, b = K[np.ix_(live, live)], S[np.ix_(live, live)], B[np.ix_(live, live)], x[live], a[live]
        unit = np.sqrt(-S[0, 0])
        far = z[:, None, :] - z[None]
        M = np.empty((n, d + 1, n, d + 1))
        M[:, 0, :, 0] = K
        M[:, 0, :, 1:] = -S[:, :, None] * far / unit
        M[:, 1:, :, 0] = M[:, 0, :, 1:].transpose(1, 2, 0)
        for p in range(d):
            for q in range(d):
                M[:, 1 + p, :, 1 + q] = -B * far[:, :, p] * far[:, :, q] / unit**2
            M[:, 1 + p, :, 1 + p] -= S / unit**2
        ridge = np.full((n, d + 1), damping)
        ridge[:, 1:] *= (b.mean() / b)[:, None]
        M = M.reshape(n * (d + 1), -1)
        M[np.diag_indices(len(M))] += ridge.ravel() + 1e-15
        right = np.zeros((n, d + 1, 2))
        right[:, 0, 0], right[:, 1:, 0], right[:, 0, 1] = -g[live], -v[live] / unit, 1
        try:
            both = cho_solve(cho_factor(M, lower=True, overwrite_a=True), right.reshape(-1, 2)).reshape(n, d + 1, 2)
        except LinAlgError:
            return None
        y = both[..., 0] - both[:, 0, 0].sum() / both[:, 0, 1].sum() * both[..., 1]
        new = x.copy()
        new[live] += y[:, 1:] / (unit * b[:, None])
        return new

    def polish(self, x, steps, patience, deadline):
        now, damping, factor, before = self.at(x), 1e-3, 2.0, np.inf
        for step in range(steps):
            if time.process_time() > deadline or damping > 1e8:
                break
            new = self.step(x, now, damping)
            there = self.at(new) if new is not None else None
            if there is not None and there[0] < now[0]:
                x, now, damping, factor = new, there, max(damping / 4, 1e-15), 2.0
            else:
                damping, factor = damping * factor, factor * 2
            if step % 10 == 9:
                if now[0] > before * (1 - patience):
                    break
                before = now[0]
        return x, now

    def herding(self, n):
        rows, sum_k = [], np.zeros(len(self.y))
        for t in range(n):
            score = self.c - sum_k / (t + 1)
            score[rows] = -np.inf
            rows.append(int(np.argmax(score)))
            sum_k += self.f(((self.y - self.y[rows[-1]]) ** 2).sum(1))[0]
        return self.y[rows].copy()

    def centers(self, n, rng):
        x = self.y[rng.choice(len(self.y), n, replace=False)].copy()
        for _ in range(10):
            near = cdist(x, self.y).argmin(0)
            for k in np.unique(near):
                x[k] = self.y[near == k].mean(0)
        return x


def search(problem, n, seconds, rng):
    deadline = time.process_time() + seconds
    x, best = problem.polish(problem.herding(n), 300, 1e-3, deadline)
    while time.process_time() < deadline:
        if rng.uniform() < 0.3:
            other = problem.centers(n, rng) if rng.uniform() < 0.5 else problem.y[rng.choice(len(problem.y), n, replace=False)]
            new, there = problem.polish(other.copy(), 300, 1e-3, deadline)
        else:
            a, new = best[1], x.copy()
            price = a**2 / np.maximum(np.diag(np.linalg.pinv(best[4], hermitian=True)), 1e-300)
            gone = rng.choice(np.argsort(price)[: max(2, n // 3)])
            witness = problem.f(cdist(problem.y, x, "sqeuclidean"))[0] @ a - problem.c
            below = np.maximum(witness.mean() - witness, 0)
            low = int(np.argmin(witness)) if rng.uniform() < 0.5 else rng.choice(len(below), p=below / below.sum())
            new[gone] = problem.y[low]
            new, there = problem.polish(new, 60, 1e-2, deadline)
            if there[0] < best[0]:
                new, there = problem.polish(new, 300, 1e-4, deadline)
        if there[0] < best[0]:
            x, best = new, there
    return problem.polish(x, 200, 1e-6, deadline + seconds / 4)[1][0]


def read_table():
    if not os.path.exists(TABLE):
        return {}
    with open(TABLE, newline="") as file:
        return {row["case"]: row for row in csv.DictReader(file)}


def main():
    seconds, wanted = float(sys.argv[1]), sys.argv[2:]
    bench = os.path.join(os.environ.get("BUILD", "build"), "tests/bench/bench_search")
    names = subprocess.run([bench, "--cases"], capture_output=True, text=True, check=True).stdout.split()
    for name in wanted or names:
        head, *rows = subprocess.run([bench, "--points", name], capture_output=True, text=True, check=True).stdout.splitlines()
        kernel, length, n = head.split()
        points = np.array([[float(value) for value in row.split(",")] for row in rows])
        problem = Problem({"gaussian": gaussian, "matern52": matern52, "imq": imq}[kernel], float(length), points)
        table = read_table()
        row = table.setdefault(name, {"case": name, "mmd2": "inf", "seconds": "0"})
        rng = np.random.default_rng([zlib.crc32(name.encode()), int(float(row["seconds"]))])
        found = search(problem, int(n), seconds, rng)
        table = {**read_table(), name: row}
        row["mmd2"] = f"{min(found, float(row['mmd2'])):.6e}"
        row["seconds"] = f"{float(row['seconds']) + seconds:g}"
        print(name, f"{found:.4e}", "least", row["mmd2"], flush=True)
        with open(TABLE + ".new", "w", newline="") as file:
            out = csv.DictWriter(file, ["case", "mmd2", "seconds"], lineterminator="\n")
            out.writeheader()
            out.writerows(table[known] for known in names if known in table)
        os.replace(TABLE + ".new", TABLE)


main()
