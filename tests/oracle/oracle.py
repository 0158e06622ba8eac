"""An implementation of libift's formulas that shares no code with src/, in NumPy's long double, written to be right:
no tricks, dense matrices, quadratic programs by trying every support.

Notation: x (n by d) and a (n) are positions and weights of the particles, F the energy 1/2 MMD^2, g its first
variation, v = grad g. "The paper" is Gladin, Dvurechensky, Mielke, Zhu, "Interaction-Force Transport Gradient Flows",
NeurIPS 2024.
"""

import itertools
import re

import numpy as np

L = np.longdouble


def real(values):
    return np.asarray(values, dtype=L)


# ---------------------------------------------------------------------------------------------------- linear algebra


def solve(matrix, right):
    """matrix^-1 right by elimination with partial pivoting (numpy.linalg has no long double)."""
    a, b = real(matrix).copy(), real(right).copy()
    n = len(a)
    for k in range(n):
        p = k + int(np.argmax(np.abs(a[k:, k])))
        if a[p, k] == 0:
            raise ArithmeticError("singular matrix")
        a[[k, p]], b[[k, p]] = a[[p, k]], b[[p, k]]
        factor = a[k + 1 :, k] / a[k, k]
        a[k + 1 :] -= factor[:, None] * a[k]
        b[k + 1 :] -= factor.reshape((-1,) + (1,) * (b.ndim - 1)) * b[k]
    x = np.zeros_like(b)
    for k in reversed(range(n)):
        x[k] = (b[k] - a[k, k + 1 :] @ x[k + 1 :]) / a[k, k]
    return x


def determinant(matrix):
    """By expansion along the first row: matrices here are at most 3 by 3."""
    a = real(matrix)
    if len(a) == 1:
        return a[0, 0]
    return sum((-1) ** j * a[0, j] * determinant(np.delete(a[1:], j, axis=1)) for j in range(len(a)))


# ----------------------------------------------------------------------------------------------------------- kernels
#
# A radial kind gives k(r) and the gradient in x as slope(r) (x - y); slope(0) is 0 where the gradient does not exist.
# A dot kind gives k and its derivative in s = x'y.


def _gaussian(r, s):
    k = np.exp(-(r**2) / (2 * s**2))
    return k, -k / s**2


def _laplace(r, s):
    k = np.exp(-r / s)
    return k, np.where(r > 0, -k / (s * np.where(r > 0, r, 1)), L(0))


def _matern12(r, length):
    return _laplace(r, length)


def _matern32(r, length):
    z = np.sqrt(L(3)) * r / length
    return (1 + z) * np.exp(-z), -3 / length**2 * np.exp(-z)


def _matern52(r, length):
    z = np.sqrt(L(5)) * r / length
    return (1 + z + z**2 / 3) * np.exp(-z), -5 / (3 * length**2) * (1 + z) * np.exp(-z)


def _imq(r, c, beta=L(0.5)):
    base = 1 + (r / c) ** 2
    return base**-beta, -2 * beta / c**2 * base ** (-beta - 1)


def _riesz(r, q):
    positive = np.where(r > 0, r, 1)
    return -np.where(r > 0, positive**q, L(0)), np.where(r > 0, -q * positive ** (q - 2), L(0))


def _energy(r):
    return _riesz(r, L(1))


def _linear(s):
    return s, np.ones_like(s)


def _polynomial(s, c, power):
    power = int(power)
    return (s + c) ** power, power * (s + c) ** (power - 1)


RADIAL = {
    "gaussian": _gaussian, "laplace": _laplace, "matern12": _matern12, "matern32": _matern32, "matern52": _matern52,
    "imq": _imq, "riesz": _riesz, "energy": _energy,
}
DOT = {"linear": _linear, "polynomial": _polynomial}

# slope'(r)/r, for the radial kinds with continuous second derivatives slope(r) I + slope'(r)/r (x - y)(x - y)'
CURVE = {
    "gaussian": lambda r, s: np.exp(-(r**2) / (2 * s**2)) / s**4,
    "matern32": lambda r, l: np.where(r > 0, 3 * np.sqrt(L(3)) / l**3 * np.exp(-np.sqrt(L(3)) * r / l)
                                      / np.where(r > 0, r, 1), L(0)),
    "imq": lambda r, c, beta=L(0.5): 4 * beta * (beta + 1) / c**4 * (1 + (r / c) ** 2) ** (-beta - 2),
}


class Kernel:
    """A weighted sum of kinds from a specification such as 0.5*gaussian:1+0.5*imq:2,0.75."""

    def __init__(self, spec):
        self.spec = spec
        self.terms = []
        for part in re.split(r"(?<![0-9.][eE])\+", spec):
            coefficient, _, term = part.rpartition("*")
            kind, _, parameters = term.partition(":")
            # the library reads the parameters as doubles, so they are doubles here too
            parameters = [L(float(p)) for p in parameters.split(",")] if parameters else []
            self.terms.append((L(float(coefficient or 1)), kind, parameters))

    def conditional(self):
        return any(kind in ("riesz", "energy") for _, kind, _ in self.terms)

    def value(self, x, y):
        return sum(c * self._pairs(kind, p, x, y)[0] for c, kind, p in self.terms)

    def gradient(self, x, y):
        """The gradient in x: n by m by d."""
        return sum(c * self._pairs(kind, p, x, y)[1] for c, kind, p in self.terms)

    def smooth(self):
        return all(kind in CURVE for _, kind, _ in self.terms)

    def hessian(self, x, y):
        """The second derivatives in x: n by m by d by d."""
        difference = real(x)[:, None, :] - real(y)[None, :, :]
        r = np.sqrt((difference**2).sum(axis=2))[:, :, None, None]
        outer = difference[:, :, :, None] * difference[:, :, None, :]
        identity = np.eye(difference.shape[2], dtype=L)
        return sum(c * (RADIAL[kind](r, *p)[1] * identity + CURVE[kind](r, *p) * outer) for c, kind, p in self.terms)

    def scales(self, x, y):
        """What rounding errors of value and gradient are relative to: the sums of the absolute terms."""
        parts = [(c, self._pairs(kind, p, np.abs(x) if kind in DOT else x, np.abs(y) if kind in DOT else y))
                 for c, kind, p in self.terms]
        return sum(c * np.abs(k) for c, (k, _) in parts), sum(c * np.abs(g) for c, (_, g) in parts)

    @staticmethod
    def _pairs(kind, parameters, x, y):
        x, y = real(x), real(y)
        if kind in DOT:
            k, slope = DOT[kind](x @ y.T, *parameters)
            return k, slope[:, :, None] * y[None, :, :]
        difference = x[:, None, :] - y[None, :, :]
        k, slope = RADIAL[kind](np.sqrt((difference**2).sum(axis=2)), *parameters)
        return k, slope[:, :, None] * difference


class Anchored(Kernel):
    """The kernel with -r^q replaced by |x - x0|^q + |y - x0|^q - r^q: positive semi-definite on measures of any mass,
    and the same on differences of equal mass. Other terms of a sum stay."""

    def __init__(self, spec, anchor):
        super().__init__(spec)
        self.anchor = real(anchor).reshape(1, -1)

    def value(self, x, y):
        total = L(0)
        for c, kind, p in self.terms:
            k = self._pairs(kind, p, x, y)[0]
            if kind in ("riesz", "energy"):
                k = k - self._pairs(kind, p, x, self.anchor)[0] - self._pairs(kind, p, self.anchor, y)[0]
            total = total + c * k
        return total

    def gradient(self, x, y):
        total = L(0)
        for c, kind, p in self.terms:
            g = self._pairs(kind, p, x, y)[1]
            if kind in ("riesz", "energy"):
                g = g - self._pairs(kind, p, x, self.anchor)[1]
            total = total + c * g
        return total

    def scales(self, x, y):
        value, gradient = super().scales(x, y)
        for c, kind, p in self.terms:
            if kind in ("riesz", "energy"):
                kx, gx = self._pairs(kind, p, x, self.anchor)
                value = value + c * (np.abs(kx) + np.abs(self._pairs(kind, p, self.anchor, y)[0]))
                gradient = gradient + c * np.abs(gx)
        return value, gradient


# ----------------------------------------------------------------------------------------------------------- targets


class Samples:
    """Weighted points."""

    def __init__(self, y, w):
        self.y, self.w = real(y), real(w)
        self.mass = self.w.sum()
        self.mean = self.w @ self.y / self.mass

    def embedding(self, kernel, x):
        """c(x) = int k(x, y) dpi(y), and the sum of the absolute terms."""
        return kernel.value(x, self.y) @ self.w, kernel.scales(x, self.y)[0] @ self.w

    def embedding_gradient(self, kernel, x):
        return (np.einsum("ijl,j->il", kernel.gradient(x, self.y), self.w),
                np.einsum("ijl,j->il", kernel.scales(x, self.y)[1], self.w))

    def embedding_hessian(self, kernel, x):
        return np.einsum("ijlm,j->ilm", kernel.hessian(x, self.y), self.w)

    def self_energy(self, kernel):
        """kappa = iint k dpi dpi, and the sum of the absolute terms."""
        return self.w @ kernel.value(self.y, self.y) @ self.w, self.w @ kernel.scales(self.y, self.y)[0] @ self.w


class Mixture:
    """A mixture of Gaussians; for sums of Gaussian kernels, whose embedding of N(m, C) is
    |I + C/s^2|^(-1/2) exp(-1/2 (x-m)'(s^2 I + C)^(-1)(x-m))."""

    def __init__(self, weights, means, covariances):
        self.weights, self.means, self.covariances = real(weights), real(means), real(covariances)
        self.weights = self.weights / self.weights.sum()
        self.mass = L(1)
        self.mean = self.weights @ self.means

    @staticmethod
    def _component(s, x, mean, covariance):
        """Embedding of one component at x (n by d), its gradient and second derivatives."""
        identity = np.eye(len(mean), dtype=L)
        difference = real(x) - mean
        precision = solve(s**2 * identity + covariance, identity)
        pulled = solve(s**2 * identity + covariance, difference.T).T
        factor = 1 / np.sqrt(determinant(identity + covariance / s**2))
        k = factor * np.exp(-(difference * pulled).sum(axis=1) / 2)
        hessian = k[:, None, None] * (pulled[:, :, None] * pulled[:, None, :] - precision)
        return k, -k[:, None] * pulled, hessian

    def _terms(self, kernel, x):
        """Weights and embeddings of all components for all terms of the kernel."""
        for coefficient, kind, parameters in kernel.terms:
            assert kind == "gaussian"
            for w, mean, covariance in zip(self.weights, self.means, self.covariances):
                yield coefficient * w, self._component(parameters[0], x, mean, covariance)

    def embedding(self, kernel, x):
        c = sum(w * k for w, (k, _, _) in self._terms(kernel, x))
        return c, c

    def embedding_gradient(self, kernel, x):
        terms = list(self._terms(kernel, x))
        return sum(w * g for w, (_, g, _) in terms), sum(w * np.abs(g) for w, (_, g, _) in terms)

    def embedding_hessian(self, kernel, x):
        return sum(w * h for w, (_, _, h) in self._terms(kernel, x))

    def self_energy(self, kernel):
        """Two components: the embedding of N(0, C1 + C2) at m1 - m2."""
        kappa = L(0)
        for coefficient, _, parameters in kernel.terms:
            for i, j in itertools.product(range(len(self.weights)), repeat=2):
                k, _, _ = self._component(parameters[0], (self.means[i] - self.means[j])[None, :],
                                          np.zeros_like(self.means[0]), self.covariances[i] + self.covariances[j])
                kappa = kappa + coefficient * self.weights[i] * self.weights[j] * k[0]
        return kappa, kappa


# ------------------------------------------------------------------------------------------------------------ energy


class Energy:
    """F(mu) = 1/2 MMD^2(mu, pi). Each method returns the number and the sum of the absolute values of its terms."""

    def __init__(self, kernel, target):
        self.kernel, self.target = kernel, target
        self.kappa = target.self_energy(kernel)

    def value(self, x, a):
        a = real(a)
        c, c_scale = self.target.embedding(self.kernel, x)
        quadratic = a @ self.kernel.value(x, x) @ a
        quadratic_scale = a @ self.kernel.scales(x, x)[0] @ a
        return ((quadratic - 2 * c @ a + self.kappa[0]) / 2, (quadratic_scale + 2 * c_scale @ a + self.kappa[1]) / 2)

    def first_variation(self, points, x, a):
        c, c_scale = self.target.embedding(self.kernel, points)
        return self.kernel.value(points, x) @ real(a) - c, self.kernel.scales(points, x)[0] @ real(a) + c_scale

    def gradient(self, points, x, a):
        c, c_scale = self.target.embedding_gradient(self.kernel, points)
        return (np.einsum("ijl,j->il", self.kernel.gradient(points, x), real(a)) - c,
                np.einsum("ijl,j->il", self.kernel.scales(points, x)[1], real(a)) + c_scale)

    def hessian(self, points, x, a):
        """Of the first variation."""
        return (np.einsum("ijlm,j->ilm", self.kernel.hessian(points, x), real(a))
                - self.target.embedding_hessian(self.kernel, points))

    def gap(self, x, a, mass):
        """int g dmu - mass min g, the minimum over target points and particles (dead ones too); NaN for a mixture."""
        if not isinstance(self.target, Samples):
            return L("nan")
        g = self.first_variation(x, x, a)[0]
        return real(a) @ g - mass * min(g.min(), self.first_variation(self.target.y, x, a)[0].min())


def mmd2(kernel, x, a, y, b):
    """MMD^2 of two weighted samples as one signed sum, and the sum of |z_i z_j k_ij|."""
    z = np.concatenate([real(a), -real(b)])
    points = np.concatenate([real(x), real(y)])
    return z @ kernel.value(points, points) @ z, np.abs(z) @ kernel.scales(points, points)[0] @ np.abs(z)


def witness(kernel, points, x, a, y, b):
    return (kernel.value(points, x) @ real(a) - kernel.value(points, y) @ real(b),
            kernel.scales(points, x)[0] @ real(a) + kernel.scales(points, y)[0] @ real(b))


def mmd2_standard_error(kernel, x, a, y, b):
    """2 sqrt(sum_j b_j^2 (f_j - mean f)^2), f the witness at the particles of b, its mean weighted by b."""
    b = real(b)
    f, scale = witness(kernel, y, x, a, y, b)
    return 2 * np.sqrt((b**2 * (f - b @ f / b.sum()) ** 2).sum()), 2 * np.sqrt((b**2 * scale**2).sum())


def bandwidth_median(x):
    x = real(x)
    squares = sorted(((x[i] - x[j]) ** 2).sum() for i in range(len(x)) for j in range(i))
    count = len(squares)
    return np.sqrt((squares[(count - 1) // 2] + squares[count // 2]) / 2 / 2)


# ------------------------------------------------------------------------------------------------- problems of weights

MARGIN = 1e-6


class Marginal(ArithmeticError):
    """The solution is closer than MARGIN to a change of its support: no good test."""


def _supports(n):
    return np.array([bits for bits in itertools.product([False, True], repeat=n) if any(bits)])


def quadratic_program(gram, linear, mass=None):
    """argmin of 1/2 b'Kb - t'b over b >= 0, and sum b = mass unless that is None, by solving the optimality system of
    every support in double precision and that of the one feasible support again in long double."""
    n = len(linear)
    supports = _supports(n)
    size = n + (mass is not None)
    systems = np.zeros((len(supports), size, size))
    rights = np.zeros((len(supports), size))
    systems[:, range(n), range(n)] = 1  # rows off the support say b_i = 0
    on = supports[:, :, None] & supports[:, None, :]
    systems[:, :n, :n] = np.where(on, gram.astype(float), systems[:, :n, :n])
    rights[:, :n] = np.where(supports, linear.astype(float), 0)
    if mass is not None:
        systems[:, :n, n] = systems[:, n, :n] = supports
        rights[:, n] = float(mass)
    answers = np.linalg.solve(systems, rights[:, :, None])[:, :, 0]
    b = answers[:, :n]
    multiplier = answers[:, n:] if mass is not None else np.zeros((len(supports), 1))
    g = b @ gram.astype(float) - linear.astype(float) + multiplier
    slack = np.where(supports, b, g).min(axis=1)  # positive: feasible and optimal
    found = np.flatnonzero(slack > 0)
    if len(found) != 1 or slack[found[0]] < MARGIN:
        raise Marginal(f"{len(found)} supports, margin {slack[found].max() if len(found) else slack.max():.1e}")
    s = np.flatnonzero(supports[found[0]])
    system, right = gram[np.ix_(s, s)], linear[s]
    if mass is not None:
        ones = np.ones((len(s), 1), dtype=L)
        system = np.block([[system, ones], [ones.T, np.zeros((1, 1), dtype=L)]])
        right = np.append(right, mass)
    result = np.zeros(n, dtype=L)
    result[s] = solve(system, right)[: len(s)]
    return result


def project(values, mass=None):
    """Nearest point of {b >= 0, sum b = mass}, or of {b >= 0}: max(values - shift, 0), the shift from every count."""
    values = real(values)
    if mass is None:
        b, shift = np.maximum(values, 0), L(0)
    else:
        ordered = np.sort(values)[::-1]
        shifts = [(ordered[: k + 1].sum() - mass) / (k + 1) for k in range(len(values))]
        shift = [s for k, s in enumerate(shifts) if ordered[k] > s][-1]
        b = np.maximum(values - shift, 0)
    if np.abs(values - shift).min() < MARGIN:
        raise Marginal("a weight at the edge of its support")
    return b
