"""Python functions that the library calls: what they get, and what becomes of their exceptions."""
import os
import signal
import subprocess
import sys
import threading
import traceback
import unittest

import numpy as np

import ift
from common import Case, cloud, gaussian, gaussian_gradient


class Trouble(Exception):
    """What callbacks raise here."""


def fails(*_arguments):
    raise Trouble("from inside")


class Functions(Case):
    def test_kernel(self):
        own = ift.Kernel.custom(gaussian, gaussian_gradient)
        x, y, w = cloud(40), cloud(50, seed=2), np.arange(50.0)
        built_in = ift.Kernel("gaussian:1")
        self.assert_close(own(x, y), built_in(x, y))
        self.assert_close(own.sum_pairs(x, y, w), built_in.sum_pairs(x, y, w))
        self.assert_close(own.sum_pairs_gradient(x, y, w), built_in.sum_pairs_gradient(x, y, w), atol=1e-12)
        own.check(x[:8])
        self.assert_close((2 * own + built_in)(x, y), 3 * built_in(x, y))
        with self.assertRaisesRegex(ift.CapabilityError, "gradient"):
            ift.Kernel.custom(gaussian, lambda x, y: 2 * gaussian_gradient(x, y)).check(x[:8])

    def test_density(self):
        target = ift.Target.density(2, lambda x: -(x**2).sum(1) / 2, lambda x: -x, lambda x, u: -u)
        energy = ift.Energy.kl(target, 0.3)
        energy.check(cloud(6))
        flow = ift.Flow("wasserstein", energy, cloud(20) + 3)
        flow.step(60)
        self.assertLess(np.abs(flow.measure.positions.mean(0)).max(), 0.2)

    def test_sampler(self):
        def sample(n, seed):
            seeds.append(seed)
            return np.random.default_rng(seed).normal(size=(n, 2))

        seeds = []
        energy = ift.Energy.mmd(ift.Kernel("gaussian:1"), ift.Target.sampler(2, sample))
        flow = ift.Flow("spherical-ift", energy, cloud(8), batch=30, tau=0.1, eta=0.1)
        seeds.clear()
        flow.step(5)
        self.assertEqual(len(set(seeds)), 5)

    def test_potential(self):
        energy = ift.Energy.potential(2, lambda x: (x**4).sum(1), lambda x: 4 * x**3)
        energy.check(cloud(5))
        self.assert_close(energy(cloud(5)), (cloud(5) ** 4).sum() / 5)

    def test_custom_energy(self):
        # F = |mean|^2 / 2
        energy = ift.Energy.custom(
            2,
            lambda x, a: (a @ x) @ (a @ x) / 2,
            lambda at, x, a: at @ (a @ x),
            lambda at, x, a: np.tile(a @ x, (len(at), 1)),
        )
        energy.check(cloud(5))
        self.assert_close(energy(cloud(5)), (cloud(5).mean(0) ** 2).sum() / 2)
        flow = ift.Flow("wasserstein", energy, cloud(5), tau=0.5, step_control="fixed")
        flow.step(50)
        self.assertLess(flow.energy, 1e-12)

    def test_arrays_given_outlive_the_call(self):
        kept = []
        energy = ift.Energy.potential(2, lambda x: kept.append(x) or np.zeros(len(x)))
        for seed in range(20):
            energy(cloud(9, seed=seed))
        for seed, x in enumerate(kept):
            np.testing.assert_array_equal(x, cloud(9, seed=seed))

    def test_results_are_converted_or_refused(self):
        energy = ift.Energy.potential(2, lambda x: [int(v) for v in x[:, 0]])
        self.assertEqual(energy([[3.0, 0.0]]), 3.0)
        for result, words in (
            (np.zeros(4), r"result of `value` has the shape \(4,\); \(3,\) is needed"),
            (None, "result of `value` has the dtype object"),
            (np.zeros(3) * 1j, "dtype complex"),
        ):
            energy = ift.Energy.potential(2, lambda x, result=result: result)
            with self.assertRaisesRegex((TypeError, ValueError), words):
                energy(cloud(3))
        with self.assertRaisesRegex(ift.NotFiniteError, "nan at point 0"):
            ift.Energy.potential(2, lambda x: np.full(len(x), np.nan))(cloud(3))
        with self.assertRaisesRegex(TypeError, "`gradient` is needed"):
            ift.Energy.potential(2, lambda x: x[:, 0]).gradient(cloud(3))


class Exceptions(Case):
    def raises(self, function, *arguments):
        try:
            function(*arguments)
        except Trouble as error:
            names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
            self.assertEqual((names[0], names[-1]), ("raises", "fails"))
        else:
            self.fail("nothing was raised")

    def test_they_come_out_of_the_call(self):
        x = cloud(5)
        kernel = ift.Kernel.custom(fails)
        self.raises(kernel, x)
        self.raises(kernel.mmd2, x, x)
        self.raises(ift.Energy.mmd, ift.Kernel("gaussian:1"), ift.Target.sampler(2, fails))
        self.raises(ift.Energy.kl(ift.Target.density(2, fails, fails), 1.0).value, x)
        self.raises(ift.Energy.potential(2, fails).check, x)
        energy = ift.Energy.custom(2, fails, fails, fails)
        self.raises(energy, x)
        self.raises(energy.first_variation, x)
        self.raises(energy.gradient, x, cloud(2))
        self.raises(ift.compress, x, 2, kernel)

    def test_of_a_log(self):
        context = ift.Context(log=fails)
        self.raises(lambda: ift.simplex_qp(np.eye(3), np.ones(3), context=context))

    def test_of_a_monitor(self):
        def watch(flow):
            if flow.step_ == 3:
                fails()

        flow = self.flow(monitor=watch)
        self.raises(flow.step, 10)
        self.assertEqual(flow.step_, 3)
        flow.monitor = None
        self.assertEqual(flow.step(2), ift.Status.OK)
        self.assertEqual(flow.step_, 5)

    def test_what_is_no_exception_comes_out_too(self):
        for kind in (KeyboardInterrupt, SystemExit, GeneratorExit):
            with self.assertRaises(kind):
                self.flow(monitor=lambda flow, kind=kind: (_ for _ in ()).throw(kind)).step(1)

    def test_an_object_that_enters_itself(self):
        flow = self.flow(monitor=lambda flow: flow.step(1))
        with self.assertRaises(ift.BusyError):
            flow.step(3)
        self.assertEqual(flow.step_, 1)

    def test_an_error_inside_is_not_mixed_up_with_one_outside(self):
        def watch(_flow):
            with self.assertRaises(ift.OptionError):
                ift.Kernel("nothing", context=self.context)

        self.assertEqual(self.flow(monitor=watch).step(3), ift.Status.OK)


class Monitors(Case):
    def test_it_sees_each_step_and_may_stop(self):
        steps = []

        def watch(flow):
            steps.append((flow.step_, flow.energy))
            return len(steps) == 4

        flow = self.flow(monitor=watch)
        self.assertIs(flow.monitor, watch)
        self.assertIs(flow.step(10), ift.Status.STOPPED)
        self.assertEqual([step for step, _ in steps], [1, 2, 3, 4])
        self.assertEqual(steps[-1][1], flow.energy)

    def test_of_a_compression(self):
        seen = []
        few, _ = ift.compress(cloud(60), 6, effort="low", monitor=lambda search: seen.append(search.phase))
        self.assertEqual(len(few), 6)
        self.assertGreater(len(seen), 3)
        search = ift.Compression(self.kernel(), cloud(60), 6, monitor=lambda search: search.step > 5)
        self.assertIs(search.run(), ift.Status.STOPPED)
        self.assertEqual(len(search.measure), 6)

    def test_runs_inside_runs(self):
        inner = self.flow()
        outer = self.flow(monitor=lambda flow: inner.step(2) and False)
        outer.step(3)
        self.assertEqual((outer.step_, inner.step_), (3, 6))

    def test_a_request_from_another_thread(self):
        flow = self.flow(monitor=lambda flow: flow.step_ == 3 and started.set() or None)
        started = threading.Event()
        asking = threading.Thread(target=lambda: (started.wait(30), flow.request_stop()))
        asking.start()
        self.assertIs(flow.step(10**6), ift.Status.STOPPED)
        asking.join()


INTERRUPTED = """
import os, signal, threading, numpy as np, ift
x = np.random.default_rng(1).normal(size=(3000, 3))
flow = ift.Flow("wasserstein", ift.Energy.mmd(ift.Kernel("gaussian:1"), x), x[:50] * 2, step_control="fixed")
search = ift.Compression(ift.Kernel("gaussian:1"), x, 200, effort="high")
handler = signal.getsignal(signal.SIGINT)
for work in (lambda: flow.run(10**9), search.run):
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    try:
        work()
    except KeyboardInterrupt:
        print("interrupted")
assert signal.getsignal(signal.SIGINT) is handler
assert flow.step_ > 0 and flow.step(1) == 0
print("done")
"""


class Interrupts(unittest.TestCase):
    def test_ctrl_c_ends_a_run(self):
        told = subprocess.run(
            [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual((told.stdout, told.stderr), ("interrupted\ninterrupted\ndone\n", ""))

    def test_a_handler_of_ones_own_is_called(self):
        caught = []
        before = signal.signal(signal.SIGINT, lambda *arguments: caught.append(arguments[0]))
        try:
            energy = ift.Energy.mmd(ift.Kernel("gaussian:1"), cloud(20))
            flow = ift.Flow("spherical-ift", energy, cloud(5), monitor=lambda flow: os.kill(os.getpid(), signal.SIGINT))
            self.assertIs(flow.step(10), ift.Status.STOPPED)
        finally:
            signal.signal(signal.SIGINT, before)
        self.assertEqual(caught, [signal.SIGINT])


if __name__ == "__main__":
    unittest.main()
