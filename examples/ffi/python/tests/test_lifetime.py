"""Who keeps whom, what is left behind, threads and forks."""
import ctypes
import gc
import itertools
import multiprocessing
import sys
import threading
import time
import tracemalloc
import unittest
import weakref

import numpy as np

import ift
from ift import callbacks
from ift.library import lib
from common import Case, cloud, gaussian, gaussian_gradient


class CountingAllocator:
    """Memory of a context that is counted."""

    def __init__(self):
        self.libc = ctypes.CDLL(None)
        self.libc.malloc.restype = ctypes.c_void_p
        self.libc.malloc.argtypes = [ctypes.c_size_t]
        self.libc.free.argtypes = [ctypes.c_void_p]
        self.blocks = 0
        self.allocate = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)(self._allocate)
        self.release = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(self._release)

    def _allocate(self, size, _user):
        self.blocks += 1
        return self.libc.malloc(size)

    def _release(self, memory, _user):
        self.blocks -= 1
        self.libc.free(memory)

    def context(self):
        context = ift.Context()
        lib.ift_context_destroy(context)
        out = ctypes.c_void_p()
        assert lib.ift_context_create_with_allocator(ctypes.byref(out), self.allocate, self.release, None) == 0
        context._as_parameter_ = out.value
        return context


def everything(context):
    """One object of each kind, callbacks among them, and what they depend on."""
    kernel = ift.Kernel.custom(gaussian, gaussian_gradient, context=context)
    samples = ift.Measure(cloud(12), context=context)
    target = ift.Target(samples)
    energy = ift.Energy.mmd(kernel, target) + ift.Energy.potential(
        2, lambda x: x[:, 0], lambda x: np.tile([1.0, 0.0], (len(x), 1)), context=context
    )
    flow = ift.Flow("spherical-ift", energy, samples.resample(4), kernel=ift.Kernel.custom(gaussian, context=context))
    search = ift.Compression(kernel, target, 3, effort="low")
    return [kernel, samples, target, energy, flow, search]


class Memory(unittest.TestCase):
    def test_the_library_gets_all_of_it_back(self):
        allocator = CountingAllocator()
        context = allocator.context()
        objects = everything(context)
        objects[4].step(2)
        objects[5].run()
        with self.assertRaises(ift.OptionError):
            objects[4].tua = 1
        self.assertGreater(allocator.blocks, 20)
        del objects, context
        self.assertEqual(allocator.blocks, 0)  # by reference counts alone

    def test_handles_go_in_any_order(self):
        for order in itertools.islice(itertools.permutations(range(6)), 0, None, 29):
            allocator = CountingAllocator()
            objects = everything(allocator.context())
            flow = objects[4]
            for index in order:
                objects[index] = None
                gc.collect(0)
            flow.step(1)  # the energy and its functions are gone as far as Python's names go
            del flow
            self.assertEqual(allocator.blocks, 0)

    def test_cycles_are_found(self):
        allocator = CountingAllocator()
        flow = everything(allocator.context())[4]
        flow.monitor = lambda _flow, itself=flow: bool(itself.step_ < 0)
        flow.step(1)
        del flow
        gc.collect()
        self.assertEqual(allocator.blocks, 0)
        self.assertEqual(len(callbacks._living), 0)

    def test_1000_runs_leave_nothing(self):
        def run():
            objects = everything(context)
            objects[4].monitor = lambda flow: 1 / 0
            try:
                objects[4].step(1)
            except ZeroDivisionError:
                pass
            try:
                objects[4].tau = -1
            except ift.OptionError:
                pass
            few = objects[5]
            few.monitor = lambda search: True
            few.run()
            return few.measure.positions.sum()

        context = ift.Context()
        for _ in range(20):
            run()
        gc.collect()
        gc.disable()
        try:
            tracemalloc.start()
            run()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(1000):
                run()
            found = gc.collect()  # it also empties Python's lists of free tuples, which count as memory
            after = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
            gc.enable()
        self.assertLess(after - before, 20000)
        self.assertLess(found, 100)  # nothing needs the collector
        self.assertEqual(len(callbacks._living), 0)

    def test_a_constructor_that_fails_leaves_nothing(self):
        allocator = CountingAllocator()
        context = allocator.context()
        before = allocator.blocks
        for _ in range(5):
            with self.assertRaises(ift.OptionError):
                ift.Kernel("nothing", context=context)
            with self.assertRaises(ift.ArgumentError):
                ift.Target.density(2, context=context)
        gc.collect()
        self.assertEqual(allocator.blocks, before)


class Views(Case):
    def test_they_keep_the_measure(self):
        measure = ift.Measure(cloud(4))
        alive = weakref.ref(measure)
        x, a = measure.positions, measure.weights[1:]
        address = lib.ift_measure_positions(measure)
        del measure
        gc.collect()
        self.assertIsNotNone(alive())
        self.assertEqual(x.ctypes.data, address)
        np.testing.assert_array_equal(x, cloud(4))
        del x
        self.assertIsNotNone(alive())
        self.assertEqual(a[0], 0.25)
        del a
        self.assertIsNone(alive())

    def test_they_are_read_only(self):
        measure = ift.Measure(cloud(4))
        with self.assertRaises(ValueError):
            measure.positions[0] = 1
        with self.assertRaises(ValueError):
            measure.weights[0] = 1

    def test_what_a_flow_gave_stays(self):
        flow = self.flow()
        before = flow.measure
        x = before.positions.copy()
        flow.step(5)
        np.testing.assert_array_equal(before.positions, x)
        self.assertFalse(np.array_equal(flow.measure.positions, x))
        after = flow.measure.positions
        del flow
        self.assertEqual(after.shape, (10, 2))


def work(seed: int) -> np.ndarray:
    """Something that takes callbacks, the pool of threads and the default context."""
    kernel = ift.Kernel.custom(gaussian, gaussian_gradient)
    flow = ift.Flow("spherical-ift", ift.Energy.mmd(kernel, cloud(30)), cloud(6, seed=seed))
    flow.step(5)
    few, _ = ift.compress(ift.Measure(cloud(40), context=ift.Context(threads=2)), 4, effort="low")
    return np.concatenate([flow.measure.positions, few.positions])


class Processes(unittest.TestCase):
    def test_fork(self):
        expected = [work(seed) for seed in range(4)]
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for wanted, came in zip(expected, pool.map_async(work, range(4)).get(120)):
                np.testing.assert_array_equal(came, wanted)

    def test_objects_made_before_a_fork_work_in_the_child(self):
        energy = ift.Energy.mmd(
            ift.Kernel("gaussian:1", context=ift.Context(threads=2)), cloud(2000)
        )
        flow = ift.Flow("spherical-ift", energy, cloud(200))
        flow.step(1)
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        child = context.Process(target=lambda: (flow.step(3), queue.put(np.array(flow.measure.positions))))
        child.start()
        came = queue.get(timeout=120)
        child.join()
        flow.step(3)
        np.testing.assert_array_equal(came, flow.measure.positions)

    @unittest.skipIf(sys.platform == "darwin", "needs the import path of this process")
    def test_measures_go_to_spawned_processes(self):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            back = pool.apply_async(double, (ift.Measure(cloud(3)),)).get(120)
        np.testing.assert_array_equal(back.positions, 2 * cloud(3))


def double(measure: ift.Measure) -> ift.Measure:
    return ift.Measure(2 * measure.positions, measure.weights)


class Threads(unittest.TestCase):
    def side_by_side(self, function, count=4):
        results = [None] * count

        def run(index):
            try:
                results[index] = function(index)
            except BaseException as error:  # pylint: disable=broad-except
                results[index] = error

        threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def test_contexts_of_their_own(self):
        def compressed(_index):
            kernel = ift.Kernel("gaussian:1", context=ift.Context())
            return ift.compress(cloud(100), 5, kernel, effort="low")[0].positions

        results = self.side_by_side(compressed)
        for positions in results:
            np.testing.assert_array_equal(positions, results[0])

    def test_calls_on_one_context_wait_for_each_other(self):
        inside = []

        def slow(x):
            inside.append(True)
            assert len(inside) == 1, "two calls at once"
            time.sleep(0.02)
            inside.pop()
            return x[:, 0]

        context = ift.Context()
        energies = [ift.Energy.potential(2, slow, context=context) for _ in range(4)]
        self.assertEqual(self.side_by_side(lambda index: energies[index](cloud(3))), [cloud(3)[:, 0].mean()] * 4)

    def test_errors_of_one_context_are_told_apart(self):
        context = ift.Context()
        kernel = ift.Kernel.custom(gaussian, gaussian_gradient, context=context)

        def many(index):
            for turn in range(50):
                if index % 2:
                    np.testing.assert_allclose(kernel.mmd2(cloud(5), cloud(6)), expected, rtol=1e-12)
                else:
                    try:
                        ift.Measure([[1.0, index], [turn, np.nan]], context=context)
                    except ift.NotFiniteError as error:
                        assert "positions[1][1]" in str(error)
            return "done"

        expected = ift.Kernel("gaussian:1").mmd2(cloud(5), cloud(6))
        self.assertEqual(self.side_by_side(many), ["done"] * 4)


if __name__ == "__main__":
    unittest.main()
