"""The Old Faithful data as 25 weighted particles: faithful.py FILE"""
import sys

import numpy as np

import ift

data = ift.Measure.load(sys.argv[1])
mean, covariance = data.moments()
x = (data.positions - mean) / np.sqrt(covariance.diagonal())
few, mmd2 = ift.compress(x, 25, seed=1)
print(f"mmd2 {mmd2:.16e}")
for (x1, x2), weight in zip(few.positions, few.weights):
    print(f"{x1:.16e} {x2:.16e} {weight:.16e}")
