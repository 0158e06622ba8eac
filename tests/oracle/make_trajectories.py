#!/usr/bin/env python3
"""Writes the numbers that the tests in this folder compare flows with: trajectories.csv.

    make_trajectories.py [FOLDER]                   write it (into this folder)
    make_trajectories.py --compare FOLDER FOLDER    fail where two differ by more than 1e-12 of a row's largest number
"""

import itertools
import os
import sys

import numpy as np
import scipy.optimize

import flows
import oracle
from make_oracle import MIXTURES
from oracle import L
from table import Numbers, Writer, compare

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 10


class Problem:
    """A kernel, a target of mass p (None: a mixture) and a start: particles of mass m on a jittered lattice, so that
    their Gram matrix is well conditioned. etas: steps of the reactions `exponential`, `implicit`, `gradient`, `mirror`
    and `hellinger`."""

    def __init__(self, name, kernel, shape, spacing, m, p, tau, etas, dead=(), shift=0.0, seed=0):
        random = Numbers(seed)
        self.name, self.kernel, self.tau = name, kernel, tau
        self.etas = dict(zip(("exponential", "implicit", "gradient", "mirror", "hellinger"), etas))
        self.etas |= {"linearized": round(0.6 * self.etas["implicit"], 3), "positive": self.etas["implicit"],
                      "projected": self.etas["mirror"]}
        self.regularization = round(0.04 + 0.03 * (seed % 10), 2)
        n, d = int(np.prod(shape)), len(shape)
        axes = [np.arange(s) - (s - 1) / 2 for s in shape]
        lattice = np.stack([g.ravel() for g in np.meshgrid(*axes, indexing="ij")], axis=1)
        self.x = np.round(spacing * lattice - shift + random.points(n, d, -0.2, 0.2), 2)
        self.a = random.weights(n, m, dead)
        self.mixture = MIXTURES[d] if p is None else None
        if p is None:
            self.target = oracle.Mixture(*self.mixture)
        else:
            self.y, self.b = random.points(11, d, -0.9, 2.1), random.weights(11, p)
            if oracle.Kernel(kernel).conditional():
                self.y[0] = self.x[0]  # here the gradient does not exist and is taken as 0
            self.target = oracle.Samples(self.y, self.b)

    def write(self, out):
        out.words("problem", self.name, self.x.shape[0], 0 if self.mixture else len(self.y), self.x.shape[1])
        out.words("kernel", self.kernel)
        out.inputs("x", self.x)
        out.inputs("a", self.a)
        if self.mixture:
            for key, values in zip(("weights", "means", "covariances"), self.mixture):
                out.inputs(key, values)
        else:
            out.inputs("y", self.y)
            out.inputs("b", self.b)


SUM = "0.6*gaussian:0.8+0.4*imq:2"

# mass kept: wasserstein and the spherical geometries
KEPT = [
    Problem("gauss", "gaussian:1", (4, 2), 1.1, 1.0, 1.0, 0.4, (0.6, 0.7, 0.5, 0.8, 0.7), seed=11),
    Problem("matern", "matern32:1.2", (4, 2), 1.1, 1.0, 1.0, 0.3, (0.5, 0.8, 0.4, 0.9, 0.6), dead=(3,), seed=12),
    Problem("imq", "imq:1", (7,), 0.9, 0.8, 1.2, 0.5, (0.3, 0.4, 0.2, 0.7, 0.8), seed=13),
    Problem("energy", "energy", (4, 2), 1.0, 1.0, 1.0, 0.15, (0.5, 0.6, 0.1, 0.5, 0.5), shift=0.5, seed=14),
    Problem("sum", SUM, (2, 2, 2), 1.6, 1.5, 1.5, 0.3, (1.2, 1.5, 0.5, 0.6, 0.5), shift=0.6, seed=15),
    Problem("mixture", "gaussian:1", (4, 2), 1.3, 1.0, None, 0.4, (1.2, 1.5, 0.7, 0.8, 0.7), shift=0.6, seed=16),
]
# mass free: masses of start and target differ, but for `even`, whose kernel has to be anchored from the first step on
FREE = [
    Problem("gauss-free", "gaussian:1", (4, 2), 1.1, 0.6, 1.7, 0.3, (0.4, 0.5, 0.4, 0.5, 0.4), seed=21),
    Problem("matern-free", "matern32:1.2", (7,), 1.0, 1.4, 0.5, 0.25, (0.3, 0.4, 0.2, 0.5, 0.6), seed=22),
    Problem("imq-free", "imq:1", (4, 2), 1.1, 0.8, 1.3, 0.4, (0.3, 0.35, 0.2, 0.6, 0.5), dead=(5,), seed=23),
    Problem("energy-free", "riesz:1", (4, 2), 1.0, 0.7, 1.3, 0.1, (0.5, 0.6, 0.1, 0.1, 0.12), seed=24),
    Problem("sum-free", SUM, (2, 2, 2), 1.6, 1.5, 0.9, 0.3, (1.2, 1.5, 0.4, 0.6, 0.5), shift=0.6, seed=25),
    Problem("mixture-free", "0.7*gaussian:0.8+0.3*gaussian:2", (4, 2), 1.3, 0.7, None, 0.3, (1.2, 1.5, 0.5, 0.5, 0.6),
            shift=0.9, seed=26),
    Problem("even", "energy", (4, 2), 1.0, 1.0, 1.0, 0.1, (0.5, 0.6, 0.1, 0.2, 0.15), seed=27),
]
GEOMETRIES = ["wasserstein", "mmd", "spherical-mmd", "fisher-rao", "spherical-fisher-rao", "ift", "spherical-ift",
              "wfr", "spherical-wfr"]


def problems(geometry):
    return KEPT if flows.mass_is_kept(geometry) else FREE


# ------------------------------------------------------------------------------------------------------ modes of flows


def reactions(geometry):
    """Options of every reaction, the metric of MMD reactions regularized or not ("regularization": True)."""
    if geometry in flows.MMD:
        for reaction, center, regularized in itertools.product(("exponential", "implicit", "linearized"),
                                                               ("new", "old"), (False, True)):
            yield {"reaction": reaction, "center": center, **({"regularization": True} if regularized else {})}
        yield {"reaction": "gradient"}
        yield {"reaction": "positive", "regularization": True}
    elif geometry in flows.FISHER_RAO:
        yield from ({"reaction": "mirror", "center": "new"}, {"reaction": "mirror", "center": "old"},
                    {"reaction": "hellinger"}, {"reaction": "projected"})
    else:
        yield {}


def combinations(geometry):
    """Options of every combination of transport, reaction and splitting."""
    transports = ("explicit", "euclidean", "heun", "implicit") if geometry in flows.TRANSPORT else (None,)
    both = geometry in flows.TRANSPORT and geometry != "wasserstein"
    for splitting, transport, reaction in itertools.product((None, "strang") if both else (None,), transports,
                                                            reactions(geometry)):
        options = {"transport": transport, **reaction, "splitting": splitting}
        modes = {name: value for name, value in options.items() if value}
        if is_plain(modes) or transport or reaction.get("center") != "old":  # where nothing moves there is one center
            yield modes


def is_plain(modes):
    """Those that are tried on all problems."""
    return not ({"splitting", "regularization"} & modes.keys() or modes.get("transport") in ("heun", "implicit")
                or modes.get("reaction") in ("linearized", "projected"))


def suits(problem, modes):
    """Implicit steps need an energy with second derivatives."""
    return modes.get("transport") != "implicit" or oracle.Kernel(problem.kernel).smooth()


class Trajectory:
    def __init__(self, problem, geometry, modes, tau_factor=1, rates=None):
        self.problem, self.geometry = problem, geometry
        self.modes = dict(modes)
        if "regularization" in modes:
            self.modes["regularization"] = problem.regularization
        # euclidean steps are multiplied by weights of about mass / n
        factor = {None: 0, "euclidean": 5}.get(modes.get("transport"), 1) * tau_factor
        self.tau = factor * problem.tau
        self.eta = problem.etas[modes["reaction"]] if "reaction" in modes else 0.0
        self.alpha, self.beta = 1.0, 1.0
        if rates:
            self.modes["time_step"] = rates["time_step"]
            for name, half in (("alpha", "transport"), ("beta", "reaction")):
                if half in modes:
                    self.modes[name] = rates[name]
            self.alpha, self.beta = (self.modes.get(name, 1.0) for name in ("alpha", "beta"))
            self.tau = self.alpha * rates["time_step"] if "transport" in modes else 0.0
            self.eta = self.beta * rates["time_step"] if "reaction" in modes else 0.0

    def words(self):
        return [self.problem.name, self.geometry, self.tau, self.eta,
                *(f"{name}={value}" for name, value in self.modes.items())]

    def run(self):
        p = self.problem
        states = flows.flow(self.geometry, p.kernel, p.target, p.x, p.a, self.tau, self.eta, self.modes, steps=STEPS)
        # the rates of F promised and observed, time being that of the reaction, or of the transport where none reacts
        time = L(self.eta) / L(self.beta) if self.eta else L(self.tau) / L(self.alpha)
        states[0] |= dict.fromkeys(("dissipation", "decay_rate", "guaranteed_rate"), L("nan"))
        for before, after in zip(states, states[1:]):
            lost = sum(L(step) * after[name] for step, name in
                       ((self.tau, "transport_dissipation"), (self.eta, "reaction_dissipation")) if step)
            after |= {"dissipation": lost / time, "decay_rate": np.log(before["energy"] / after["energy"]) / time,
                      "guaranteed_rate": self.guaranteed_loss() / time}
        return states

    def guaranteed_loss(self):
        """Of log F in a step whose support holds the target's: the weights that would be best whatever their signs take
        mu - pi to (1 - theta) (mu - pi), in each half of a Strang step."""
        halves = 2 if self.modes.get("splitting") == "strang" else 1
        eta = L(self.eta) / halves
        factors = {"exponential": np.exp(-eta), "implicit": 1 / (1 + eta), "linearized": 1 - eta}
        if "regularization" in self.modes or self.modes.get("reaction") not in factors:
            return L("nan")
        return -2 * halves * np.log(factors[self.modes["reaction"]])

    def write(self, out, states, full):
        out.words("full" if full else "last", *self.words())
        if not full:
            x, a = states[-1]["x"], states[-1]["a"]
            return out.numbers("q", quantities(states[-1]), np.arange(1, a.size + 1) @ a,
                               np.arange(1, x.size + 1) @ x.ravel())
        for k, state in enumerate(states):
            out.numbers("q", quantities(state))
            if k > 0 and self.geometry in flows.TRANSPORT:
                out.numbers("x", state["x"])
            if k > 0 and self.geometry != "wasserstein":
                out.numbers("a", state["a"])


def quantities(state):
    names = ("energy", "transport_dissipation", "reaction_dissipation", "mass", "gap", "dissipation", "decay_rate",
             "guaranteed_rate", "alive")
    return [state[name] for name in names]


def first_that_fits(candidates, geometry, modes):
    """On the first problem on which no weight comes near the edge of its support."""
    for problem in candidates:
        trajectory = Trajectory(problem, geometry, modes)
        try:
            return trajectory, trajectory.run()
        except oracle.Marginal:
            pass
    raise SystemExit(f"{geometry} {modes}: no problem fits")


def trajectories():
    """All trajectories with their states, and whether they are written in full. Plain modes are tried on all problems,
    others on one problem in turn, or on all where half a step is missing."""

    def on(problem, modes, full, **more):
        trajectory = Trajectory(problem, geometry, modes, **more)
        return trajectory, trajectory.run(), full

    number = turn = 0
    for geometry in GEOMETRIES:
        candidates = problems(geometry)
        for modes in combinations(geometry):
            if is_plain(modes):
                for i, problem in enumerate(candidates):
                    one_center = "transport" not in modes and modes.get("center") == "old"
                    yield on(problem, modes, i == number % len(candidates) and not one_center)
                number += 1
            elif geometry in ("ift", "spherical-ift", "wfr", "spherical-wfr"):
                fitting = [p for p in candidates if suits(p, modes)]
                first = turn % len(fitting)
                yield *first_that_fits(fitting[first:] + fitting[:first], geometry, modes), turn % 17 == 0
                turn += 1
            else:
                yield from (on(problem, modes, False) for problem in candidates if suits(problem, modes))
        rates = {"time_step": 0.25, "alpha": 1.25, "beta": 0.8}
        modes = [m for m in combinations(geometry) if m.get("center") != "old"]
        yield on(candidates[0], modes[0], True, rates=rates)
        yield on(candidates[1], modes[-1], False, rates=rates)
    for geometry, modes in (("wasserstein", {"transport": "implicit"}),
                            ("spherical-ift", {"transport": "implicit", "reaction": "gradient"})):
        for problem in KEPT[:3]:  # steps too long to be explicit ones
            yield on(problem, modes, False, tau_factor=4)


def write_trajectories(folder):
    out = Writer(folder, "trajectories.csv", [
        "problem,NAME,n,m,d: kernel, start (x, a), target (y, b) of m samples, or a mixture (m = 0).",
        "full,PROBLEM,GEOMETRY,TAU,ETA,OPTION=VALUE...: of each state 0..10 a row q: energy, transport_dissipation,",
        "reaction_dissipation, mass, gap, dissipation, decay_rate, guaranteed_rate, alive; from",
        "state 1 on x, a if they change.",
        "last,...: q of state 10, then the sums of (i+1) a_i and of (i+1) x_i, i counting all numbers of the array.",
    ])
    for problem in KEPT + FREE:
        problem.write(out)
    lost = 0
    for trajectory, states, full in trajectories():
        trajectory.write(out, states, full)
        lost += min(state["alive"] for state in states) < states[0]["alive"]
    assert lost >= 60, f"weights reach 0 in {lost} trajectories: too few"
    out.close()


# --------------------------------------------------------------------------------------------------------------- checks


def check_energy_balance():
    """Per reaction F falls by (1 + eta/2) eta (`implicit`) or (eta/2) coth(eta/2) eta (`exponential`) times the
    dissipation, and by no less in steps in which a weight is or gets 0 (the paper's Theorem 3.3 in discrete form)."""
    equal = 0
    for problem, geometry in [(p, "spherical-mmd") for p in KEPT] + [(p, "mmd") for p in FREE]:
        for reaction in ("implicit", "exponential"):
            eta = L(problem.etas[reaction])
            factor = 1 + eta / 2 if reaction == "implicit" else eta / 2 / np.tanh(eta / 2)
            states = Trajectory(problem, geometry, {"reaction": reaction}).run()
            for before, after in zip(states, states[1:]):
                surplus = before["energy"] - after["energy"] - factor * eta * after["reaction_dissipation"]
                inside = min(before["alive"], after["alive"]) == len(problem.a)
                assert abs(surplus) < 1e-16 if inside else surplus > -1e-16, (problem.name, reaction, surplus)
                equal += inside
    assert equal > 0


def check_minimizing_movement():
    """The minimizers of Newton's method against those of SciPy's quasi-Newton method from several starts, for long
    steps too: none lies elsewhere."""
    for problem in KEPT + FREE:
        if not oracle.Kernel(problem.kernel).smooth():
            continue
        energy = oracle.Energy(oracle.Kernel(problem.kernel), problem.target)
        x, a = oracle.real(problem.x), oracle.real(problem.a)
        for tau in (problem.tau, 4 * problem.tau):
            moved = flows.minimizing_movement(energy, x, a, L(tau))
            living = a > 0
            searches = [(flows.living_objective(energy, x[living], a[living], L(tau)), x[living], np.sqrt(a[living]),
                         moved[living])]
            for i in np.flatnonzero(~living):
                searches.append((flows.dead_objective(energy, x[i], moved[living], a[living], L(tau)), x[i : i + 1],
                                 np.ones(1), moved[i : i + 1]))
            random = Numbers(31)
            for objective, origin, root, minimizer in searches:
                expected = ((minimizer - origin) * root[:, None]).ravel()
                for _ in range(4):
                    start = (random.points(*origin.shape, -1, 1) * root[:, None]).ravel()
                    found = scipy.optimize.minimize(lambda z: [np.asarray(v, dtype=float) for v in objective(z)[:2]],
                                                    start, jac=True, method="BFGS", options={"gtol": 1e-9})
                    error = np.abs(found.x - expected.astype(float)).max()
                    assert error < 1e-6, (problem.name, tau, error, found.fun - float(objective(expected)[0]))


def main(arguments):
    if arguments[:1] == ["--compare"]:
        return compare(["trajectories.csv"], *arguments[1:])
    check_energy_balance()
    check_minimizing_movement()
    write_trajectories(arguments[0] if arguments else HERE)


if __name__ == "__main__":
    main(sys.argv[1:])
