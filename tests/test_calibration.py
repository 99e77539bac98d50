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

SIMULATIONS = 900  # of results, points and seeds drawn at random: every EXACT result at every point would take hours


@pytest.mark.slow
@pytest.mark.parametrize("backend", installed())
def test_fresh_seeds_hold_the_stated_rates(backend):
    """False alarms at most 1e-6 per ladder; misses of 5 % at most one in a million; z scores standard normal.

    Each assertion fails by chance with probability below 1e-5 in all. A standard error wrong by 20 % is noticed with
    probability 0.998.
    """
    exact = [form for form in results.values() if form.kind is Kind.EXACT]
    trials = [(form, point) for form in exact for point in form.points]
    first = secrets.randbelow(2**31)
    drawn = np.random.default_rng(first).integers(len(trials), size=SIMULATIONS)
    scores, missed = [], 0
    for seed, (form, point) in enumerate((trials[number] for number in drawn), first):
        (outcome,) = simulate_claims(form, seed, points=(point,), backends=(backend,))
        assert not outcome.rejected, (form.name, seed)
        # One component per simulation, drawn by the seed: the components of one simulation are dependent.
        scores.append(np.ravel(outcome.z)[seed % outcome.z.size])
        (outcome,) = simulate_claims(form, seed, SCALE * form.value, (point,), (backend,))
        missed += not outcome.rejected
    z, n = np.array(scores), len(scores)
    assert missed <= binom.isf(1e-6, n, experiment.MISS), first
    assert abs(z.mean()) * np.sqrt(n) < -ndtri(1e-6), first
    assert chi2.isf(1 - 1e-6, n) < (z**2).sum() < chi2.isf(1e-6, n), first
