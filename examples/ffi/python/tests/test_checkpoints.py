"""Flows that are put away and gone on with."""
import multiprocessing
import unittest

import numpy as np

import ift
from common import Case, cloud, gaussian, gaussian_gradient


def ten_steps_later(state: bytes) -> bytes:
    """The same flow in another process."""
    flow = ift.Flow("spherical-ift", ift.Energy.mmd(ift.Kernel("gaussian:1"), cloud(50)), cloud(10, seed=2))
    flow.restore(state)
    flow.step(10)
    return flow.save()


class Checkpoints(Case):
    def test_a_restored_flow_goes_on_as_the_saved_one(self):
        flow = self.flow(seed=3, noise=0.01, tau=0.2, batch=20)
        flow.step(5)
        state = flow.save()
        self.assertIsInstance(state, bytes)
        flow.step(5)
        other = self.flow()
        for given in (state, bytearray(state), memoryview(state)):
            other.restore(given)
            self.assertEqual((other.step_, other.tau, other.noise, other.batch), (5, 0.2, 0.01, 20))
            other.step(5)
            np.testing.assert_array_equal(other.measure.positions, flow.measure.positions)
            np.testing.assert_array_equal(other.measure.weights, flow.measure.weights)
            self.assertEqual(other.energy, flow.energy)
            self.assertEqual(other.save(), flow.save())

    def test_another_process_goes_on(self):
        flow = self.flow(seed=3, noise=0.01)
        flow.step(5)
        with multiprocessing.get_context("fork").Pool(1) as pool:
            there = pool.apply_async(ten_steps_later, (flow.save(),)).get(120)
        flow.step(10)
        self.assertEqual(there, flow.save())

    def test_in_a_monitor(self):
        states = []
        flow = self.flow(monitor=lambda flow: states.append(flow.save()))
        flow.step(3)
        flow.monitor = None
        flow.restore(states[0])
        self.assertEqual(flow.step_, 1)
        flow.step(2)
        self.assertEqual(flow.save(), states[2])
        flow.monitor = lambda flow: flow.restore(states[0])
        with self.assertRaises(ift.BusyError):
            flow.step()

    def refused(self, flow: ift.Flow, state, kind: type, words: str) -> None:
        before = flow.save()
        with self.assertRaisesRegex(kind, words):
            flow.restore(state)
        self.assertEqual(flow.save(), before)

    def test_bytes_that_are_no_checkpoint(self):
        flow = self.flow()
        flow.step(3)
        state = flow.save()
        flow.step(1)
        for size in range(len(state)):
            self.refused(flow, state[:size], ift.FormatError, "no checkpoint|cut short")
        for at in range(len(state)):
            damaged = bytearray(state)
            damaged[at] ^= 0x10
            self.refused(flow, damaged, ift.FormatError, "no checkpoint|damaged|cut short|has format")
        self.refused(flow, state + b"\0", ift.FormatError, "joined")
        self.refused(flow, state[:8] + b"\2" + state[9:], ift.FormatError, "has format 2; this version reads format 1")
        for wrong in (None, 5, "text", [1, 2]):
            self.refused(flow, wrong, TypeError, "bytes-like")
        flow.restore(state)
        self.assertEqual(flow.save(), state)

    def test_checkpoints_of_other_flows(self):
        flow = self.flow()
        flow.step(2)
        start = cloud(10, seed=2)
        wider = ift.Energy.mmd(self.kernel("gaussian:2"), cloud(50))
        line = ift.Energy.mmd(self.kernel(), cloud(50, d=1))
        self.refused(flow, self.flow("wasserstein").save(), ift.ArgumentError, "geometry 'wasserstein'")
        self.refused(flow, self.flow(n=9).save(), ift.DimensionError, "9 particles")
        self.refused(flow, ift.Flow("spherical-ift", line, cloud(10, d=1)).save(), ift.DimensionError, "dimension 1")
        self.refused(flow, ift.Flow("spherical-ift", wider, start).save(), ift.ArgumentError, "another energy")

    def test_an_exception_on_the_way_comes_out(self):
        broken = []

        def value(x, y):
            if broken:
                raise ZeroDivisionError("on the way")
            return gaussian(x, y)

        energy = ift.Energy.mmd(ift.Kernel.custom(value, gaussian_gradient, context=self.context), cloud(20))
        flow = ift.Flow("spherical-ift", energy, cloud(5, seed=2))
        flow.step(2)
        state = flow.save()
        flow.step(1)
        broken.append(True)
        self.refused(flow, state, ZeroDivisionError, "on the way")
        broken.clear()
        flow.restore(state)
        self.assertEqual(flow.save(), state)


if __name__ == "__main__":
    unittest.main()
