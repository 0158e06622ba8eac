"""What goes in: which arrays are handed over as they are, which are converted, which are refused and with what words."""
import unittest

import numpy as np

import ift
from ift.arrays import address, points, reals
from common import Case, cloud


class Conversion(Case):
    def test_float64_in_c_order_is_handed_over(self):
        x = cloud(5)
        self.assertIs(reals(x, "x"), x)
        self.assertEqual(address(points(x, "x")), x.ctypes.data)
        self.assertEqual(address(points(x[1:4], "x")), x[1:4].ctypes.data)
        line = np.arange(5.0)
        self.assertEqual(address(points(line, "x")), line.ctypes.data)

    def test_other_numbers_are_converted(self):
        x = cloud(6)
        wanted = ift.Measure(x.astype(np.float32).astype(float)).positions
        np.testing.assert_array_equal(ift.Measure(x.astype(np.float32)).positions, wanted)
        np.testing.assert_array_equal(ift.Measure(x.astype(">f8")).positions, x)
        np.testing.assert_array_equal(ift.Measure(np.arange(6).reshape(3, 2)).positions, [[0, 1], [2, 3], [4, 5]])
        np.testing.assert_array_equal(ift.Measure([[1, 2], [3, 4]]).positions, [[1, 2], [3, 4]])

    def test_strided_arrays_are_converted(self):
        x = cloud(6, 4)
        for array in (np.asfortranarray(x), x[::-1], x[:, ::2], x.T):
            np.testing.assert_array_equal(ift.Measure(array).positions, array)
        raw = np.zeros(8 * 6 + 1, dtype=np.uint8)[1:].view(np.float64)
        raw[:] = np.arange(6)
        np.testing.assert_array_equal(ift.Measure(raw).positions[:, 0], np.arange(6))

    def test_arguments_are_not_changed(self):
        x, y = cloud(6), cloud(6)
        ift.compress(x, 3, effort="low")
        np.testing.assert_array_equal(x, y)


class Refusals(Case):
    def refused(self, kind, words, function, *arguments, **keywords):
        with self.assertRaises(kind) as caught:
            function(*arguments, **keywords)
        self.assertIn(words, str(caught.exception))
        return caught.exception

    def test_what_is_not_real_numbers(self):
        for array in (np.array([1j, 2]), np.array(["1", "2"]), np.array([None, 1]), np.array([True, False]), None):
            self.refused(TypeError, "positions has the dtype", ift.Measure, array)

    def test_shapes(self):
        self.refused(ValueError, "positions has the shape (2, 2, 2)", ift.Measure, np.zeros((2, 2, 2)))
        self.refused(ValueError, "positions has the shape ()", ift.Measure, 1.0)
        self.refused(ValueError, "weights has the shape (3,); (4,) is needed", ift.Measure, cloud(4), np.ones(3))
        self.refused(ValueError, "y has points of dimension 3, x of dimension 2", self.kernel().gram, cloud(4), cloud(4, 3))
        self.refused(ValueError, "gram has the shape (3, 3); (2, 2) is needed", ift.simplex_qp, np.eye(3), np.ones(2))
        self.refused(ValueError, "linear has the shape (2, 2); (any,) is needed", ift.cone_qp, np.eye(2), np.eye(2))

    def test_values(self):
        x = cloud(4)
        x[2, 1] = np.nan
        error = self.refused(ValueError, "positions[2][1] is nan", ift.Measure, x)
        self.assertIsInstance(error, ift.NotFiniteError)
        self.assertEqual((error.status, error.name, error.message), (-5, "IFT_ERR_NOT_FINITE", str(error)))
        self.refused(ift.ArgumentError, "weights[1] is -1", ift.Measure, cloud(2), [1.0, -1.0])
        self.refused(ift.ArgumentError, "n is 0", ift.Measure, np.zeros((0, 2)))
        self.refused(ift.ArgumentError, "d is 0", ift.Measure, np.zeros((2, 0)))
        self.refused(ift.NotFiniteError, "inf", self.kernel().sum_pairs, [np.inf], [1.0])

    def test_integers_that_do_not_fit(self):
        self.refused(OverflowError, "particles is", ift.Compression, self.kernel(), cloud(4), 2**64 + 2)
        flow = self.flow()
        self.refused(OverflowError, "steps is", flow.step, -(2**64))
        self.refused(TypeError, "", flow.step, 2.5)
        self.refused(ift.OptionError, "seed is", ift.Context, seed=2**64)
        self.refused(ift.OptionError, "threads", ift.Context, threads=2**32 + 1)

    def test_kinds_of_errors(self):
        self.refused(ift.OptionError, "unknown kernel", ift.Kernel, "gausian:1")
        self.refused(ift.OptionError, "spherical-ift", ift.Flow, "sperical-ift", self.energy(), cloud(3))
        self.refused(ift.DimensionError, "dimension", self.energy().value, ift.Measure(cloud(3, 5), context=self.context))
        self.refused(ift.CapabilityError, "", ift.Energy.kl, ift.Target(cloud(4)), 0.3)
        self.refused(ift.ContextError, "context", self.kernel().mmd2, ift.Measure(cloud(3)), cloud(3))
        self.refused(MemoryError, "", ift.Measure(cloud(3)).resample, 2**60)
        self.refused(TypeError, "copied or pickled", __import__("copy").copy, self.flow())

    def test_every_status_has_an_exception(self):
        codes = {kind.status for kind in ift.Error.__subclasses__()}
        self.assertEqual(codes, set(range(-11, 0)))
        for kind in ift.Error.__subclasses__():
            self.assertTrue(kind("").name.startswith("IFT_ERR_"))
            self.assertIs(getattr(ift, kind.__name__), kind)


if __name__ == "__main__":
    unittest.main()
