#!/usr/bin/env python3
"""Writes the numbers that the preset `published` is compared with: published.csv.

    make_published.py [FOLDER]                   write it (into this folder)
    make_published.py --compare FOLDER FOLDER    fail where two differ by more than 1e-12 of a row's largest number"""

import os
import sys

import numpy as np

import published
from oracle import L, real
from table import Numbers, Writer, compare

HERE = os.path.dirname(os.path.abspath(__file__))
PARTICLES, SAMPLES, STEPS = 20, 300, 100
GAMMA = L(1) / 200  # 1/(2 s^2), s = 10
SHOWN = (1, 10, STEPS)  # the steps whose states are written


class Problem:
    """Particles around the origin and samples of unequal weights in three clusters at some distance."""

    def __init__(self, d, seed):
        random = Numbers(seed)
        self.name, self.d = f"d{d}", d
        self.x = random.points(PARTICLES, d, -4, 4, 1)
        centers = random.points(3, d, -15, 15, 1)
        self.y = np.round(centers[np.arange(SAMPLES) % 3] + random.points(SAMPLES, d, -3, 3, 1), 1)
        # multiples of 1e-5, some of them 0, so that a point of weight 0 is never drawn
        raw = [0 if j % 50 == 7 else round(20 + 620 * random.uniform()) for j in range(SAMPLES)]
        raw[0] += 100000 - sum(raw)
        assert min(raw) >= 0
        self.b = np.array(raw) / 100000

    def write(self, out):
        out.words("problem", self.name, PARTICLES, SAMPLES, self.d)
        for key, values in (("x", self.x), ("y", self.y), ("b", self.b)):
            out.inputs(key, values)


def write_published(folder):
    out = Writer(folder, "published.csv", [
        "problem,NAME,n,m,d: start x with equal weights, target (y, b) of m samples; kernel exp(-|x - y|^2/200).",
        "run,PROBLEM,UPDATE,LR,LR_,BATCH,SEED: learning rates of positions and weights, UPDATE of the weights MMD, KL",
        "or none; then for some steps a row step, x, a (where it changes) and mmd2 to the whole target.",
    ])
    problems = [Problem(2, 41), Problem(5, 42)]
    runs = [  # the update, lr, lr_, the batch size, the seed
        ("MMD", 250.0, 0.02, PARTICLES, 0), ("KL", 250.0, 1.0, PARTICLES, 2**40 + 12345),
        ("none", 250.0, 0.0, PARTICLES, 7), ("MMD", 400.0, 0.002, 7, 2**63 - 1),
    ]
    for problem in problems:
        problem.write(out)
        for update, lr, lr_, batch, seed in runs:
            sampler = published.Sampler(problem.y, problem.b, seed)
            history = published.iterate(lr, lr_, GAMMA, STEPS, problem.x, sampler, update, batch)
            out.words("run", problem.name, update, lr, lr_, batch, seed)
            for step in SHOWN:
                x, w = history[step - 1]
                out.words("step", step)
                out.numbers("x", x)
                if update != "none":
                    out.numbers("a", w)
                out.numbers("mmd2", published.mmd2(x, w, real(problem.y), problem.b, GAMMA))
    out.close()


def main(arguments):
    if arguments[:1] == ["--compare"]:
        return compare(["published.csv"], *arguments[1:])
    published.check_philox()
    write_published(arguments[0] if arguments else HERE)


if __name__ == "__main__":
    main(sys.argv[1:])
