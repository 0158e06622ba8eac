#!/usr/bin/env python3
"""The polynomials of src/pairs/vector_math.h: best approximations by the exchange algorithm (Remez 1934), in decimals of 60 digits.

    polynomials.py          prints the coefficients, as doubles in hexadecimal, and the largest errors
    polynomials.py FILE...  fails where a file lacks one of them

2^r = 1 + r P(r) for |r| <= 1/2, P of degree 10, least relative error; log2((1+f)/(1-f)) = f Q(f^2) for |f| <= (sqrt(2)-1)/(sqrt(2)+1),
Q of degree 7, least error of Q."""

import re
import sys
from decimal import Decimal, getcontext

getcontext().prec = 60
LOG2 = Decimal(2).ln()


def solve(rows):
    """Gauss, with pivots; the last column is the right side."""
    n = len(rows)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
    x = [Decimal(0)] * n
    for k in reversed(range(n)):
        x[k] = (rows[k][n] - sum(rows[k][j] * x[j] for j in range(k + 1, n))) / rows[k][k]
    return x


def value_at(c, x):
    total = Decimal(0)
    for a in reversed(c):
        total = total * x + a
    return total


def best(function, weight, low, high, count, steps=2000):
    """Coefficients c with the least largest |weight (sum_j c_j x^j - function)|, and that error."""
    grid = [low + (high - low) * i / steps for i in range(steps + 1)]
    values = [(function(x), weight(x)) for x in grid]
    chosen = [round(steps * i / count) for i in range(count + 1)]
    for _ in range(50):
        rows = []
        for sign, i in enumerate(chosen):
            f, w = values[i]
            rows.append([w * (grid[i] ** j if j else 1) for j in range(count)] + [Decimal((-1) ** sign), w * f])
        *c, level = solve(rows)
        errors = [w * (value_at(c, x) - f) for x, (f, w) in zip(grid, values)]
        extrema = [0]
        for i, error in enumerate(errors):
            if error * errors[extrema[-1]] < 0:
                extrema.append(i)
            elif abs(error) > abs(errors[extrema[-1]]):
                extrema[-1] = i
        while len(extrema) > count + 1:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        largest = max(map(abs, errors))
        if largest <= abs(level) * Decimal("1.0000001") or extrema == chosen:
            return c, largest
        chosen = extrema
    raise SystemExit("the exchanges do not end")


def power(x):
    """(2^x - 1) / x, and the weight that makes its error relative to 2^x."""
    return ((x * LOG2).exp() - 1) / x if x else LOG2


def logarithm(square):
    """log2((1+f)/(1-f)) / f by its series."""
    total, term, k = Decimal(0), Decimal(1), 1
    while term > Decimal(10) ** -58:
        total += term / k
        term *= square
        k += 2
    return 2 / LOG2 * total


half = Decimal("0.5")
root = Decimal(2).sqrt()
widest = (root - 1) / (root + 1)
powers, power_error = best(power, lambda x: abs(x) / (x * LOG2).exp(), -half, half, 11)
logarithms, logarithm_error = best(logarithm, lambda x: Decimal(1), Decimal(0), widest**2, 8)
tables = [("2^r", powers, power_error), ("log2", logarithms, logarithm_error * widest)]

status = 0
for name, coefficients, error in tables:
    if len(sys.argv) == 1:
        print(f"{name}: largest error {error:.2e}")
        for c in coefficients:
            print("  ", float(c).hex())
for path in sys.argv[1:]:
    with open(path, encoding="ascii") as file:
        there = {float.fromhex(word) for word in re.findall(r"0x[0-9a-f.]+p[+-][0-9]+", file.read())}
    name, coefficients, _ = tables[0]
    wanted = coefficients if "reference" in path else coefficients + logarithms
    missing = [float(c).hex() for c in wanted if float(c) not in there]
    print(f"{path}: {len(wanted) - len(missing)} of {len(wanted)} coefficients")
    status |= bool(missing)
sys.exit(status)
