"""One step of the paper's algorithm, transport and a projected gradient step in the weights, as one writes it with NumPy or
PyTorch: distances in their GEMM form, dense matrices. Prints the least time of a step in seconds.

    step.py numpy|torch float64|float32 N REPETITIONS"""

import sys
import time

library, type_, n, repetitions = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
sigma, tau, eta = 1.0, 0.4, 0.9 / n

if library == "numpy":
    import numpy as xp

    make = lambda a: a.astype(type_)
    sort = lambda a: xp.sort(a)[::-1]
    cumsum, arange = xp.cumsum, lambda n: xp.arange(1, n + 1)
else:
    import torch as xp

    make = lambda a: xp.from_numpy(a).to(getattr(xp, type_))
    sort = lambda a: xp.sort(a, descending=True).values
    cumsum, arange = lambda a: xp.cumsum(a, 0), lambda n: xp.arange(1, n + 1)

import numpy

random = numpy.random.default_rng(1)
x, y = make(0.5 * random.standard_normal((n, 2)) + 1), make(random.standard_normal((n, 2)))
a = make(numpy.full(n, 1 / n))


def gram(x, y):
    squares = (x * x).sum(1)[:, None] + (y * y).sum(1)[None, :] - 2 * (x @ y.T)
    return xp.exp(squares * (-0.5 / sigma**2))


def project(b):
    """Onto the simplex, by sorting (Held, Wolfe and Crowder 1974)."""
    u = sort(b)
    excess = (cumsum(u) - 1) / arange(n)
    threshold = excess[int((u > excess).sum()) - 1]
    return (b - threshold).clip(min=0)


def step(x, a):
    to_x, to_y = gram(x, x) * a[None, :], gram(x, y) / n
    v = (to_y.sum(1) - to_x.sum(1))[:, None] * x + to_x @ x - to_y @ y  # times sigma^2
    x = x - tau / sigma**2 * v
    g = gram(x, x) @ a - gram(x, y).sum(1) / n
    return x, project(a - eta * g)


best = float("inf")
x, a = step(x, a)
for _ in range(repetitions):
    began = time.perf_counter()
    x, a = step(x, a)
    best = min(best, time.perf_counter() - began)
assert bool((a >= 0).all()) and abs(float(a.sum()) - 1) < 1e-3
print(best)
