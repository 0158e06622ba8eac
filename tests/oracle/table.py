"""Files of rows, each a key, then numbers or words: writes and compares them; table.h reads them. And decimals for
inputs that look random."""

import os

import numpy as np

from oracle import real


class Writer:
    def __init__(self, folder, name, comment):
        self.file = open(os.path.join(folder, name), "w", encoding="ascii", newline="\n")
        self.file.write("".join(f"# {line}\n" for line in comment))

    def words(self, key, *values):
        self.file.write(",".join([key, *map(str, values)]) + "\n")

    def numbers(self, key, *values):
        flat = np.concatenate([np.ravel(real(v)) for v in values]).astype(float)
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


def compare(names, one, two):
    """Fails where files of two folders differ by more than 1e-12 of a row's largest number."""
    worst = 0.0
    for name in names:
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
    print(f"{', '.join(names)}: the committed numbers are those of the oracle (largest difference {worst:.1e})")
