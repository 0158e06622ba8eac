#!/usr/bin/env python3
"""What other programs make of the same problem: MMD^2 by a Gaussian kernel, lowered in positions and weights (softmax).

    peers.py scipy|torch POINTS START SIGMA STEPS OUT

Prints seconds and MMD^2 after each step, writes the particles. Exit status 77: what it needs is not installed.
"""
import csv
import sys
import time


def read(path):
    """The coordinates of a file of points; weights are equal in both."""
    with open(path, newline="") as file:
        return np.array([[float(value) for value in row[:-1]] for row in list(csv.reader(file))[1:]])


def write(path, x, a):
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([f"x{k + 1}" for k in range(x.shape[1])] + ["weight"])
        rows.writerows([*map(repr, map(float, point)), repr(float(weight))] for point, weight in zip(x, a))


def gram(x, y, sigma):
    square = (x * x).sum(1)[:, None] + (y * y).sum(1)[None, :] - 2 * x @ y.T
    return np.exp(-np.maximum(square, 0) / (2 * sigma**2))


class Clock:
    """Seconds of one core; it stands still while something is written down."""

    def __init__(self):
        self.began, self.paused = time.process_time(), 0.0

    def note(self, mmd2):
        now = time.process_time()
        print(f"{now - self.began - self.paused:.6f} {mmd2:.17g}")
        self.paused += time.process_time() - now


def run_scipy(points, start, sigma, steps):
    from scipy.optimize import minimize

    n, d = start.shape
    kappa = gram(points, points, sigma).mean()

    def weights(logits):
        a = np.exp(logits - logits.max())
        return a / a.sum()

    def value_and_gradient(z):
        x, a = z[: n * d].reshape(n, d), weights(z[n * d :])
        own, target = gram(x, x, sigma), gram(x, points, sigma) / len(points)
        g = 2 * (own @ a - target.sum(1))
        pull = 2 * a[:, None] / sigma**2
        moved = pull * ((target @ points - target.sum(1)[:, None] * x) * -1 + own @ (a[:, None] * x) - (own @ a)[:, None] * x)
        slope = a * (g - a @ g)
        value = a @ own @ a - 2 * a @ target.sum(1) + kappa
        seen[z.tobytes()] = value
        return value, np.concatenate([moved.ravel(), slope])

    seen = {}
    clock = Clock()

    def watch(z):
        clock.note(seen[z.tobytes()])
        seen.clear()

    z = np.concatenate([start.ravel(), np.zeros(n)])
    options = {"maxiter": steps, "maxfun": 10 * steps, "ftol": 0, "gtol": 0, "maxcor": 20}
    end = minimize(value_and_gradient, z, jac=True, method="L-BFGS-B", callback=watch, options=options)
    return end.x[: n * d].reshape(n, d), weights(end.x[n * d :])


def run_torch(points, start, sigma, steps):
    import torch

    torch.set_num_threads(1)
    y = torch.tensor(points)
    x = torch.tensor(start, requires_grad=True)
    logits = torch.zeros(len(start), dtype=x.dtype, requires_grad=True)
    rate = 0.02
    optimizer = torch.optim.Adam([{"params": [x], "lr": rate * sigma}, {"params": [logits], "lr": rate}])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def kernel(p, q):
        return torch.exp(-torch.cdist(p, q, compute_mode="donot_use_mm_for_euclid_dist").square() / (2 * sigma**2))

    clock = Clock()
    kappa = kernel(y, y).mean()
    for _ in range(steps):
        optimizer.zero_grad()
        a = torch.softmax(logits, 0)
        square = ((x[:, None] - x[None, :]) ** 2).sum(2)  # cdist has no gradient at 0
        loss = a @ torch.exp(-square / (2 * sigma**2)) @ a - 2 * a @ kernel(x, y).mean(1) + kappa
        loss.backward()
        clock.note(float(loss))
        optimizer.step()
        schedule.step()
    return x.detach().numpy(), torch.softmax(logits, 0).detach().numpy()


if __name__ == "__main__":
    try:
        import numpy as np

        __import__(sys.argv[1] if sys.argv[1] == "torch" else "scipy.optimize")
    except ImportError:
        sys.exit(77)
    program, points, start, sigma, steps, out = sys.argv[1:]
    run = {"scipy": run_scipy, "torch": run_torch}[program]
    write(out, *run(read(points), read(start), float(sigma), int(steps)))
