"""The ladder for whatever the catalogue holds; nothing here names a result."""

import pytest

from sgdtheory.catalogue import results
from sgdtheory.numeric import experiment
from sgdtheory.numeric.claims import claim
from sgdtheory.numeric.ladder import NAMES, climb


@pytest.mark.parametrize("rung", NAMES, ids=NAMES.get)
@pytest.mark.parametrize("name", results)
def test_rung(name, rung):
    """Statistics: a whole run raises a false alarm with probability 1e-6; a 5 % error escapes with 1e-3."""
    (found,) = climb(results[name], rungs=(rung,))
    assert found.passed, f"{name}, rung {rung} ({found.name}): {found.detail}"


def test_family_of_comparisons_is_counted():
    """The false-alarm rate is split over COMPARISONS; the catalogue must not outgrow it unnoticed."""
    components = sum(len(claim(form, point)) for form in results.values() for point in form.points)
    simulated_twice = 2 * components  # rung 4, and the rejections of rung 5
    assert simulated_twice <= experiment.COMPARISONS


def test_tail_of_the_statistics_is_bounded():
    """A mean of R squares of Gaussians leaves the normal tail by the factor exp(skewness z^3 / 6 sqrt R) at most."""
    import math

    factor = math.exp(math.sqrt(8) * experiment.CRITICAL**3 / (6 * math.sqrt(experiment.FEWEST)))
    assert factor <= experiment.TAIL
