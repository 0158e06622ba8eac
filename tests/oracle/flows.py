"""Flows of the energies of oracle.py: transports, reactions and their splittings, dense and in long double.

x (n by d) and a (n) are positions and weights, g the first variation of F, v = grad g, K the Gram matrix. Equation
numbers are those of "Interaction-Force Transport Gradient Flows" (Gladin, Dvurechensky, Mielke, Zhu, NeurIPS 2024)."""

import numpy as np

from oracle import MARGIN, Anchored, Energy, Kernel, L, project, quadratic_program, real, solve

TRANSPORT = {"wasserstein", "ift", "spherical-ift", "wfr", "spherical-wfr"}
MMD = {"mmd", "spherical-mmd", "ift", "spherical-ift"}
FISHER_RAO = {"fisher-rao", "spherical-fisher-rao", "wfr", "spherical-wfr"}


def mass_is_kept(geometry):
    return geometry == "wasserstein" or geometry.startswith("spherical")


# --------------------------------------------------------------------------------------------------------- transports


def newton(function, start):
    """A minimizer of `function`, which gives value, gradient and Hessian, by Newton's method. Where that does not go
    down, a multiple of the identity is added to the Hessian."""
    z = start.copy()
    value, gradient, hessian = function(z)
    for _ in range(500):
        damping = L(0)
        while True:
            step = solve(hessian + damping * np.eye(len(z), dtype=L), -gradient)
            after = function(z + step)
            # near the minimizer values differ by rounding errors only
            if step @ gradient <= 0 and (after[0] < value or (np.abs(step).max() < 1e-8 and damping == 0)):
                break
            damping = max(4 * damping, L(0.1))
        z, (value, gradient, hessian) = z + step, after
        if np.abs(step).max() < 1e-17:
            break
    else:
        raise ArithmeticError("Newton's method does not end")
    if np.linalg.eigvalsh(hessian.astype(float)).min() <= 0:
        raise ArithmeticError("no minimizer")
    return z


def living_objective(energy, x, a, tau):
    """F(sum a_i delta_{y_i}) + 1/(2 tau) sum a_i |y_i - x_i|^2 as a function of z_i = sqrt(a_i) (y_i - x_i), the
    particles' displacements in the Wasserstein metric; all a_i > 0."""
    n, d = x.shape
    root = np.sqrt(a)

    def objective(z):
        y = x + z.reshape(n, d) / root[:, None]
        pairs = -np.einsum("i,j,ijlm->iljm", root, root, energy.kernel.hessian(y, y))
        for i, own in enumerate(energy.hessian(y, y, a)):
            pairs[i, :, i, :] += own
        gradient = (root[:, None] * energy.gradient(y, y, a)[0]).ravel() + z / tau
        return (energy.value(y, a)[0] + z @ z / (2 * tau), gradient,
                pairs.reshape(n * d, n * d) + np.eye(n * d, dtype=L) / tau)

    return objective


def dead_objective(energy, start, x, a, tau):
    """g(start + z) + |z|^2/(2 tau), g of the measure (x, a): what a particle of vanishing weight minimizes."""

    def objective(z):
        y = (start + z)[None, :]
        return (energy.first_variation(y, x, a)[0][0] + z @ z / (2 * tau), energy.gradient(y, x, a)[0][0] + z / tau,
                energy.hessian(y, x, a)[0] + np.eye(len(z), dtype=L) / tau)

    return objective


def minimizing_movement(energy, x, a, tau):
    """The Wasserstein step of (14) with particles that keep their weights."""
    living = a > 0
    moved = x.copy()
    z = newton(living_objective(energy, x[living], a[living], tau), np.zeros(x[living].size, dtype=L))
    moved[living] += z.reshape(x[living].shape) / np.sqrt(a[living])[:, None]
    for i in np.flatnonzero(~living):
        objective = dead_objective(energy, x[i], moved[living], a[living], tau)
        moved[i] += newton(objective, np.zeros(x.shape[1], dtype=L))
    return moved


def transport(mode, energy, x, a, tau):
    """One transport step from (x, a): new positions, dissipation where it began."""
    v = energy.gradient(x, x, a)[0]
    if mode == "euclidean":  # the Euclidean gradient of F in the positions
        return x - tau * a[:, None] * v, (a[:, None] ** 2 * v**2).sum()
    if mode == "explicit":  # (15)
        y = x - tau * v
    elif mode == "heun":
        y = x - tau * v
        y = x - tau * (v + energy.gradient(y, y, a)[0]) / 2
    else:
        assert mode == "implicit"
        y = minimizing_movement(energy, x, a, tau)
    return y, (a[:, None] * v**2).sum()


# ---------------------------------------------------------------------------------------------------------- reactions


def positive(energy, x, a, eta, mass, eps):
    """In the metric MMD^2 + eps Fisher-Rao: y = a' solves K y + eps y/a = lam - g where a > 0, lam making the sum of y
    0 where mass is kept; the step is a exp(eta y/a). The dissipation is the squared speed y'Ky + eps sum y_i^2/a_i with
    which the flow leaves a."""
    s = np.flatnonzero(a > 0)
    g = energy.first_variation(x, x, a)[0]
    gram = energy.kernel.value(x, x)
    metric = gram[np.ix_(s, s)] + eps * np.diag(1 / a[s])
    lam = L(0) if mass is None else solve(metric, g[s]).sum() / solve(metric, np.ones(len(s), dtype=L)).sum()
    y = solve(metric, lam - g[s])
    b = np.zeros_like(a)
    b[s] = a[s] * np.exp(eta * y / a[s])
    b = b if mass is None else b * (mass / b.sum())
    return b, y @ gram[np.ix_(s, s)] @ y + eps * (y**2 / a[s]).sum()


def mmd_reaction(mode, energy, x, x_old, a, eta, mass, eps):
    """One MMD reaction step at the positions x, (9) and (23), in the metric K + eps I: new weights, dissipation. x_old
    is where the center of the step lies: x, or the positions before the transport (Algorithm 1)."""
    gram, identity = energy.kernel.value(x, x), np.eye(len(a), dtype=L)
    g = energy.first_variation(x, x, a)[0]
    if mode == "gradient":
        b = project(a - eta * g, mass)
        return b, ((b - a) ** 2).sum() / eta**2
    if mode == "positive":
        return positive(energy, x, a, eta, mass, eps)
    pulled = energy.kernel.value(x, x_old) @ a + eps * a
    if mode == "linearized":
        b = quadratic_program(gram + eps * identity, pulled - eta * g, mass)
    else:
        theta = {"implicit": eta / (1 + eta), "exponential": -np.expm1(-eta)}[mode]
        c = energy.target.embedding(energy.kernel, x)[0]
        b = quadratic_program(gram + (1 - theta) * eps * identity, (1 - theta) * pulled + theta * c, mass)
    return b, (b - a) @ (gram + eps * identity) @ (b - a) / eta**2


def hellinger(g, a, eta, mass):
    """argmin of g'b + (2/eta) sum (sqrt b_i - sqrt a_i)^2: a_i / (1 + eta (g_i - multiplier)/2)^2."""
    alive = a > 0
    if mass is None:
        denominator = 1 + eta * g / 2
        assert denominator[alive].min() > MARGIN, "no minimizer"
        return np.where(alive, a / denominator**2, L(0))
    lowest = g[alive].min()
    low, high = L(0), L(1)  # of 1 - eta (multiplier - lowest)/2: the sum of b falls in it
    for _ in range(200):
        middle = (low + high) / 2
        b = np.where(alive, a / (middle + eta * np.where(alive, g - lowest, 0) / 2) ** 2, L(0))
        low, high = (middle, high) if b.sum() > mass else (low, middle)
    return b


def fisher_rao_reaction(mode, energy, x, x_old, a, eta, mass):
    """One Fisher-Rao reaction step at the positions x: new weights, dissipation. g is the first variation at x of the
    weights on x_old."""
    g = energy.first_variation(x, x_old, a)[0]
    if mode == "mirror":
        b = a * np.exp(-eta * g)
        b = b if mass is None else b * (mass / b.sum())
    elif mode == "projected":
        b = a * np.exp(-eta * g)
        b = b if mass is None else project(b, mass)
    else:
        assert mode == "hellinger"
        b = hellinger(g, a, eta, mass)
    mean = L(0) if mass is None else a @ g / a.sum()
    return b, a @ (g - mean) ** 2


# -------------------------------------------------------------------------------------------------------------- flows


class Flow:
    """Fixed steps of a geometry; `modes` are the names and values of its options."""

    def __init__(self, geometry, kernel_spec, target, x, a, tau, eta, modes):
        self.kept = mass_is_kept(geometry)
        kernel = Kernel(kernel_spec)
        if kernel.conditional() and not self.kept:
            kernel = Anchored(kernel_spec, target.mean)
        self.geometry, self.energy, self.modes = geometry, Energy(kernel, target), modes
        self.x, self.a, self.tau, self.eta = real(x), real(a), L(tau), L(eta)
        self.mass = self.a.sum() if self.kept else None
        self.eps = L(modes.get("regularization", 0))
        self.speeds = [L("nan"), L("nan")]  # dissipations of transport and reaction; NaN: there is none

    def react(self, x_old, eta):
        where = {"new": self.x, "old": x_old}[self.modes.get("center", "new")]
        if self.geometry in MMD:
            self.a, speed = mmd_reaction(self.modes["reaction"], self.energy, self.x, where, self.a, eta, self.mass,
                                         self.eps)
        else:
            self.a, speed = fisher_rao_reaction(self.modes["reaction"], self.energy, self.x, where, self.a, eta,
                                                self.mass)
        return speed

    def move(self):
        if self.geometry in TRANSPORT:
            self.x, self.speeds[0] = transport(self.modes["transport"], self.energy, self.x, self.a, self.tau)

    def step(self):
        reacts, x_old = self.geometry in MMD | FISHER_RAO, self.x
        if self.modes.get("splitting", "lie") == "strang":
            first = self.react(x_old, self.eta / 2)
            self.move()
            self.speeds[1] = (first + self.react(x_old, self.eta / 2)) / 2
        else:
            self.move()
            if reacts:
                self.speeds[1] = self.react(x_old, self.eta)

    def state(self):
        x, a = self.x, self.a
        return {
            "x": x, "a": a, "energy": self.energy.value(x, a)[0], "mass": a.sum(), "alive": int((a > 0).sum()),
            "gap": self.energy.gap(x, a, self.mass if self.kept else self.energy.target.mass),
            "transport_dissipation": self.speeds[0], "reaction_dissipation": self.speeds[1],
        }


def flow(*arguments, steps):
    """States 0 .. steps."""
    run = Flow(*arguments)
    states = [run.state()]
    for _ in range(steps):
        run.step()
        states.append(run.state())
    return states
