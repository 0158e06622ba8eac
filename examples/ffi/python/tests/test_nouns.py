"""The nouns compute what NumPy computes."""
import os
import pickle
import tempfile
import unittest

import numpy as np

import ift
from common import Case, cloud, faithful, gaussian, gaussian_gradient


class Measures(Case):
    def test_what_goes_in_comes_out(self):
        x, a = cloud(7, 3), np.arange(1.0, 8.0)
        measure = ift.Measure(x, a, context=self.context)
        self.assertEqual((len(measure), measure.dim, measure.mass), (7, 3, 28.0))
        np.testing.assert_array_equal(measure.positions, x)
        np.testing.assert_array_equal(measure.weights, a)
        np.testing.assert_array_equal(ift.Measure(x).weights, np.full(7, 1 / 7))

    def test_numbers_are_points_on_a_line(self):
        self.assertEqual(ift.Measure([1.0, 2.0, 3.0]).positions.shape, (3, 1))

    def test_moments(self):
        x, a = cloud(30), np.random.default_rng(5).random(30)
        mean, covariance = ift.Measure(x, a).moments()
        self.assert_close(mean, np.average(x, axis=0, weights=a))
        self.assert_close(covariance, np.cov(x.T, aweights=a, ddof=0))

    def test_derived_measures(self):
        measure = ift.Measure([[0.0], [0.0], [1.0], [2.0]], [1.0, 2.0, 3.0, 0.0])
        self.assertEqual(len(measure.prune()), 3)
        merged = measure.merge()
        self.assertEqual(list(merged.weights), [3.0, 3.0, 0.0])
        self.assertEqual(measure.normalized().mass, 1.0)
        self.assertEqual(measure.mass, 6.0)
        self.assertEqual((len(measure.resample(12)), measure.resample(12).mass), (12, 6.0))
        self.assert_close(measure.effective_size, 36 / 14)

    def test_files(self):
        measure = ift.Measure(cloud(5), np.arange(1.0, 6.0))
        with tempfile.TemporaryDirectory() as folder:
            for name in ("points.csv", "points.npy"):
                measure.save(os.path.join(folder, name))
            read = ift.Measure.load(os.path.join(folder, "points.csv"))
            np.testing.assert_array_equal(read.positions, measure.positions)
            np.testing.assert_array_equal(read.weights, measure.weights)
            np.testing.assert_array_equal(np.load(os.path.join(folder, "points.npy"))[:, :2], measure.positions)
            with self.assertRaises(OSError) as caught:
                ift.Measure.load(os.path.join(folder, "absent.csv"))
            self.assertIn("absent.csv", str(caught.exception))

    def test_pickle(self):
        measure = ift.Measure(cloud(5), np.arange(1.0, 6.0))
        copy = pickle.loads(pickle.dumps(measure))
        np.testing.assert_array_equal(copy.positions, measure.positions)
        np.testing.assert_array_equal(copy.weights, measure.weights)

    def test_median(self):
        x = cloud(9)
        i, j = np.triu_indices(9, 1)
        self.assert_close(ift.Measure(x).bandwidth(), np.sqrt(np.median(((x[i] - x[j]) ** 2).sum(-1)) / 2))


class Kernels(Case):
    def test_gram(self):
        x, y = cloud(4), cloud(6, seed=2)
        self.assert_close(ift.Kernel("gaussian:1")(x, y), gaussian(x, y))
        gram = ift.Kernel.gaussian(1).gram(x)
        np.testing.assert_array_equal(gram, gram.T)

    def test_constructors_are_those_of_the_grammar(self):
        x = cloud(5)
        pairs = {
            "laplace:2": ift.Kernel.laplace(2),
            "matern32:2": ift.Kernel.matern(1.5, 2),
            "imq:2,0.5": ift.Kernel.imq(2),
            "riesz:1": ift.Kernel.riesz(1),
            "linear": ift.Kernel.linear(),
            "polynomial:1,3": ift.Kernel.polynomial(1, 3),
            "2*gaussian:1+0.5*laplace:3": 2 * ift.Kernel("gaussian:1") + ift.Kernel("laplace:3") * 0.5,
        }
        for spec, kernel in pairs.items():
            np.testing.assert_array_equal(kernel(x), ift.Kernel(spec)(x), spec)

    def test_sums_over_pairs(self):
        x, y, w = cloud(4), cloud(6, seed=2), np.arange(6.0)
        kernel = ift.Kernel("gaussian:1")
        self.assert_close(kernel.sum_pairs(x, y, w), gaussian(x, y) @ w)
        self.assert_close(kernel.sum_pairs(x, y), gaussian(x, y).sum(1))
        self.assert_close(kernel.sum_pairs_gradient(x, y, w), np.einsum("ijk,j->ik", gaussian_gradient(x, y), w))

    def test_mmd(self):
        x, y = cloud(8), cloud(12, seed=2) + 1
        a = np.arange(1.0, 9.0)
        a /= a.sum()
        kernel = ift.Kernel("gaussian:1")
        expected = a @ gaussian(x, x) @ a - 2 * a @ gaussian(x, y).mean(1) + gaussian(y, y).mean()
        mu = ift.Measure(x, a)
        self.assert_close(kernel.mmd2(mu, y), expected)
        witness = gaussian(y, x) @ a - gaussian(y, y).mean(1)
        self.assert_close(kernel.witness(y, mu, y), witness)
        self.assert_close(kernel.mmd2_standard_error(mu, y), 2 * witness.std() / np.sqrt(12))


class Targets(Case):
    def test_mixture(self):
        target = ift.Target.gaussian_mixture([0.3, 0.7], [[0.0], [4.0]], [[[1.0]], [[0.25]]])
        few, mmd2 = ift.compress(target, 9, ift.Kernel("gaussian:1"))
        mean, covariance = few.moments()
        self.assertLess(mmd2, 1e-4)
        self.assert_close(mean, [2.8], rtol=1e-2)
        self.assert_close(covariance, [[0.3 + 0.175 + 0.21 * 16]], rtol=3e-2)

    def test_samples_of_a_measure_of_another_mass(self):
        few, _ = ift.compress(ift.Measure(cloud(30), np.full(30, 2.0)), 5)
        self.assertAlmostEqual(few.mass, 60.0)


class Energies(Case):
    def test_mmd(self):
        x, y = cloud(8), cloud(20, seed=2)
        kernel = ift.Kernel("gaussian:1")
        energy = ift.Energy.mmd(kernel, y)
        self.assert_close(energy(x), kernel.mmd2(x, y) / 2)
        self.assert_close(energy.first_variation(x), gaussian(x, x).mean(1) - gaussian(x, y).mean(1))
        at = cloud(3, seed=4)
        self.assert_close(energy.first_variation(x, at), gaussian(at, x).mean(1) - gaussian(at, y).mean(1))
        gradient = gaussian_gradient(at, x).mean(1) - gaussian_gradient(at, y).mean(1)
        self.assert_close(energy.gradient(x, at), gradient)
        energy.check(x)

    def test_sums(self):
        x = cloud(6)
        mmd = ift.Energy.mmd(ift.Kernel("gaussian:1"), cloud(20, seed=2))
        pull = ift.Energy.interaction(2, ift.Kernel("riesz:1"))
        self.assert_close((2 * mmd + 0.5 * pull)(x), 2 * mmd(x) + 0.5 * pull(x))
        self.assert_close(ift.Energy.sum([(-1, mmd), (3, pull)])(x), 3 * pull(x) - mmd(x))
        with self.assertRaises(ValueError):
            ift.Energy.sum([])
        with self.assertRaises(TypeError):
            mmd + 1  # pylint: disable=pointless-statement
        with self.assertRaises(TypeError):
            ift.Energy()


class Weights(Case):
    def test_quadratic_program(self):
        x = cloud(12)
        gram, linear = gaussian(x, x), gaussian(x, cloud(40, seed=2)).mean(1)
        program = ift.simplex_qp(gram, linear)
        self.assertEqual(program.status, ift.Status.OK)
        self.assertAlmostEqual(program.weights.sum(), 1.0)
        slope = gram @ program.weights - linear
        self.assertLess(program.weights @ slope - slope.min(), 1e-12)
        cone = ift.cone_qp(gram, linear)
        slope = gram @ cone.weights - linear
        self.assertLess(abs(cone.weights @ slope) + max(0, -slope.min()), 1e-12)

    def test_projection(self):
        self.assert_close(ift.simplex_project([0.5, 2.0, -1.0]), [0.0, 1.0, 0.0])
        self.assert_close(ift.simplex_project([3, 3], mass=2), [1.0, 1.0])


class Compressions(Case):
    def test_the_main_job(self):
        x = faithful()
        few, mmd2 = ift.compress(x, 25)
        kernel = ift.Kernel.gaussian(ift.Measure(x).bandwidth())
        self.assertLess(mmd2, 1e-9)
        self.assertAlmostEqual(kernel.mmd2(few, x), mmd2, delta=1e-12)
        again, _ = ift.compress(x, 25)
        np.testing.assert_array_equal(few.positions, again.positions)

    def test_rows(self):
        x = faithful()
        search = ift.Compression(ift.Kernel("gaussian:1"), x, 6, points="data", effort="low")
        self.assertIsNone(search.measure)
        self.assertIsNone(search.rows)
        self.assertEqual(search.run(), ift.Status.OK)
        np.testing.assert_array_equal(search.measure.positions, x[search.rows])
        self.assertEqual(search.particles, 6)

    def test_tolerance(self):
        search = ift.Compression(ift.Kernel("gaussian:1"), faithful(), 25, tolerance=1e-4, effort="low")
        self.assertEqual(search.run(), ift.Status.CONVERGED)
        self.assertLess(len(search.measure), 25)
        self.assertLessEqual(search.mmd2, 1e-4)

    def test_a_target_without_samples_needs_a_kernel(self):
        with self.assertRaisesRegex(TypeError, "kernel"):
            ift.compress(ift.Target(cloud(4)), 2)


class Flows(Case):
    def test_every_geometry_descends(self):
        for kind in ift.kinds("geometry"):
            flow = self.flow(kind.name)
            before = flow.energy
            self.assertGreaterEqual(flow.step(20), 0)
            self.assertLess(flow.energy, before, kind.name)
            self.assertEqual(flow.geometry, kind.name)

    def test_outcomes(self):
        flow = self.flow(tolerance=1.0)
        self.assertIs(flow.run(5), ift.Status.CONVERGED)
        self.assertEqual(flow.step_, 0)
        self.assertIs(flow.step(5), ift.Status.OK)
        self.assertEqual(flow["step"], 5)
        flow.request_stop()
        self.assertIs(flow.step(5), ift.Status.STOPPED)
        self.assertEqual(flow.step_, 5)

    def test_a_kernel_of_its_own(self):
        flow = ift.Flow("mmd", ift.Energy.interaction(2, ift.Kernel("gaussian:1")), cloud(5), kernel=ift.Kernel("laplace:1"))
        self.assertGreaterEqual(flow.step(3), 0)
        with self.assertRaises(ift.OptionError):
            ift.Flow("wasserstein", ift.Energy.mmd(ift.Kernel("gaussian:1"), cloud(5)), cloud(3), kernel=ift.Kernel("linear"))


if __name__ == "__main__":
    unittest.main()
