"""The statistics of the ladder as fresh random tests; benchmarks/calibrate_statistics.py does more of the same."""

import secrets

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import binom, chi2

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.catalogue import results
from sgdtheory.closed_form import Kind
from sgdtheory.numeric import experiment
from sgdtheory.numeric.engine.backends import installed
from sgdtheory.numeric.ladder import simulate_claims

SEEDS = 20


@pytest.mark.slow
@pytest.mark.parametrize("backend", installed())
def test_fresh_seeds_hold_the_stated_rates(backend):
    """False alarms at most 1e-6 per ladder; misses of 5 % at most one in a thousand; z scores standard normal.

    Each assertion fails by chance with probability below 1e-5 in all. A standard error wrong by 20 % is noticed.
    """
    exact = [form for form in results.values() if form.kind is Kind.EXACT]
    scores, missed, tried = [], 0, 0
    first = secrets.randbelow(2**31)
    for seed in range(first, first + SEEDS):
        for form in exact:
            for outcome in simulate_claims(form, seed, backends=(backend,)):
                assert not outcome.rejected, (form.name, seed)
                scores.append(np.ravel(outcome.z)[seed % outcome.z.size])
            for outcome in simulate_claims(form, seed, SCALE * form.value, backends=(backend,)):
                missed += not outcome.rejected
                tried += 1
    z, n = np.array(scores), len(scores)
    assert missed <= binom.isf(1e-6, tried, experiment.MISS), first
    assert abs(z.mean()) * np.sqrt(n) < -ndtri(1e-6), first
    assert chi2.isf(1 - 1e-6, n) < (z**2).sum() < chi2.isf(1e-6, n), first
