"""The algorithm of the paper's published experiments (github.com/egorgladin/ift_flow, ift_experiment.py) in that code's
own form: a kernel exp(-gamma |x - y|^2), learning rates lr of positions and lr_ of weights, and in each iteration a
fresh batch Y of the target, which the positions and the weights see. In long double, and with batches drawn from
weighted samples as libift draws them: by Philox4x32-10 and bisection."""

import bisect

import numpy as np

from oracle import MARGIN, L, Marginal, real

MASK = 2**32 - 1


def philox(counter, key):
    """Four words of 32 bits from a counter of four and a key of two: ten rounds of Philox4x32 (Salmon, Moraes, Dror and
    Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 4.3 and table 2)."""
    left0, right0, left1, right1 = counter
    for round_ in range(10):
        key0, key1 = ((k + round_ * weyl) & MASK for k, weyl in zip(key, (0x9E3779B9, 0xBB67AE85)))
        product0, product1 = 0xD2511F53 * left0, 0xCD9E8D57 * left1
        left0, right0, left1, right1 = ((product1 >> 32) ^ right0 ^ key0, product1 & MASK,
                                        (product0 >> 32) ^ right1 ^ key1, product0 & MASK)
    return left0, right0, left1, right1


def check_philox():
    """The known answers that the authors of Philox distribute with it (Random123, kat_vectors)."""
    for counter, key, answer in (
        ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((MASK,) * 4, (MASK,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
         (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
    ):
        assert philox(counter, key) == answer


class Stream:
    """Uniform numbers in (0, 1) with 53 bits, two words each: 27 and 26 bits. The counter's low half counts blocks of
    four words, its high half is the stream's number; the seed is the key."""

    def __init__(self, seed, stream):
        self.key, self.stream = (seed & MASK, seed >> 32), (stream & MASK, stream >> 32)
        self.block, self.words = 0, []

    def word(self):
        if not self.words:
            self.words = list(philox((self.block & MASK, self.block >> 32, *self.stream), self.key))
            self.block += 1
        return self.words.pop(0)

    def uniform(self):
        while True:
            upper, lower = self.word() >> 5, self.word() >> 6
            if upper or lower:  # 0 is no number of the open interval
                return (upper * 2**26 + lower) / 2**53


FLOW_STREAM = 3  # which stream of a seed a flow reads


class Sampler:
    """Draws points from weighted samples: the first whose cumulative weight exceeds the level."""

    def __init__(self, y, w, seed):
        self.y, self.random = real(y), Stream(seed, FLOW_STREAM)
        self.cumulative = [float(s) for s in np.add.accumulate(np.array(w, dtype=float))]

    def sample(self, count):
        levels = [self.random.uniform() * self.cumulative[-1] for _ in range(count)]
        return self.y[[bisect.bisect_right(self.cumulative, level) for level in levels]]


def project_on_simplex(w):
    """The nearest point of the probability simplex in the Euclidean norm, by sorting."""
    descending = np.sort(w)[::-1]
    shifts = (np.cumsum(descending) - 1) / np.arange(1, len(w) + 1)
    shift = shifts[np.flatnonzero(descending > shifts)[-1]]
    if np.abs(w - shift).min() < MARGIN * 1e-3:
        raise Marginal("a weight at the edge of its support")
    return np.maximum(w - shift, 0)


def rbf(x, y, gamma):
    return np.exp(-gamma * ((x[:, None, :] - y[None, :, :]) ** 2).sum(axis=2))


def antigradient(x, w, batch, gamma):
    """4 gamma w_i [sum_j w_j k(x_i - x_j) (x_i - x_j) - (1/n) sum_j k(x_i - y_j) (x_i - y_j)]: minus the gradient of
    MMD^2 in the positions."""

    def attraction(points, weights):
        return np.einsum("ij,j,ijl->il", rbf(x, points, gamma), weights, x[:, None, :] - points[None, :, :])

    equal = np.full(len(batch), 1 / L(len(batch)))
    return 4 * gamma * w[:, None] * (attraction(x, w) - attraction(batch, equal))


def iterate(lr, lr_, gamma, steps, x, sampler, update, batch_size):
    """Positions and weights after each iteration. The update of the weights is MMD, KL, or none as in the published
    flow of equal weights."""
    x, lr, lr_, gamma = real(x), L(lr), L(lr_), L(gamma)
    w = np.full(len(x), 1 / L(len(x)))
    history = []
    for _ in range(steps):
        batch = sampler.sample(batch_size)
        x = x + lr * antigradient(x, w, batch, gamma)
        descent = rbf(x, batch, gamma).mean(axis=1) - rbf(x, x, gamma) @ w
        if update == "MMD":
            w = project_on_simplex(w + 2 * lr_ * descent)
        elif update == "KL":
            w = project_on_simplex(w * np.exp(lr_ * descent))
        history.append((x, w))
    return history


def mmd2(x, w, y, b, gamma):
    """MMD^2 between weighted samples."""
    b = real(b)
    return w @ rbf(x, x, gamma) @ w - 2 * w @ rbf(x, y, gamma) @ b + b @ rbf(y, y, gamma) @ b
