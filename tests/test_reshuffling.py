"""Shuffled epochs against an enumeration of all orders in fractions, written from the words and not from the code."""

from fractions import Fraction
from functools import cache
from itertools import permutations

import pytest
import sympy as sp

from sgdtheory.catalogue import results
from sgdtheory.closed_form import value_at

ETA, CURVATURE = Fraction(3, 10), (Fraction(1, 2), Fraction(9, 5))
CENTRES = [(1, 2), (2, 0), (4, 3), (8, 1), (-3, -2), (0, 5)]
SIZE, BATCH = 6, 2
EPOCH = SIZE // BATCH


@cache
def drifts(batches):
    """Return where each order of the data leads, from the mean of the data, after so many batches."""
    mean = [Fraction(sum(column), SIZE) for column in zip(*CENTRES, strict=True)]
    found = []
    for order in permutations(range(SIZE)):
        x = [Fraction(0), Fraction(0)]
        for b in range(batches):
            drawn = order[b * BATCH : (b + 1) * BATCH]
            for i in (0, 1):
                pull = sum(Fraction(CENTRES[k][i]) - mean[i] for k in drawn) / BATCH
                x[i] += ETA * CURVATURE[i] * (pull - x[i])
        found.append(x)
    return found


def second_moments(batches):
    paths = drifts(batches)
    return [[sum(x[i] * x[j] for x in paths) / len(paths) for j in (0, 1)] for i in (0, 1)]


def end_of_epoch():
    """Return the covariance S of S = V + (decay of mode i) (decay of mode j) S over an epoch."""
    added = second_moments(EPOCH)
    kept = [(1 - ETA * c) ** EPOCH for c in CURVATURE]
    return [[added[i][j] / (1 - kept[i] * kept[j]) for j in (0, 1)] for i in (0, 1)]


def after(batches):
    end, added = end_of_epoch(), second_moments(batches)
    kept = [(1 - ETA * c) ** batches for c in CURVATURE]
    return [[kept[i] * kept[j] * end[i][j] + added[i][j] for j in (0, 1)] for i in (0, 1)]


def claimed(name, **words):
    form = results[f"reshuffling.{name}"]
    mean = [Fraction(sum(column), SIZE) for column in zip(*CENTRES, strict=True)]
    slopes = [[c * (Fraction(x) - m) for c, x, m in zip(CURVATURE, centre, mean, strict=True)] for centre in CENTRES]
    point = {
        "learning_rate": ETA,
        "batch_size": BATCH,
        "dataset_size": SIZE,
        "batches_per_epoch": EPOCH,
        "curvature": CURVATURE,
        "noise": tuple(tuple(sum(g[i] * g[j] for g in slopes) / SIZE for j in (0, 1)) for i in (0, 1)),
        **words,
    }
    exact = {word: sp.sympify(entry) if not isinstance(entry, tuple) else entry for word, entry in point.items()}
    return [Fraction(int(entry.p), int(entry.q)) for entry in value_at(form, exact)]


def flat(matrix):
    return [entry for row in matrix for entry in row]


def test_end_of_an_epoch():
    assert claimed("stationary_covariance") == flat(end_of_epoch())


@pytest.mark.parametrize("batches", range(EPOCH + 1))
def test_within_an_epoch(batches):
    """The ends of an epoch are the same place; between them the covariance is that of all orders."""
    assert claimed("covariance_within_epoch", phase=batches) == flat(after(batches))
    assert claimed("transient_covariance", steps=batches) == flat(second_moments(batches))


def test_average_over_an_epoch():
    looks = [flat(after(batches)) for batches in range(EPOCH)]
    assert claimed("epoch_average_covariance") == [sum(entries) / EPOCH for entries in zip(*looks, strict=True)]


def test_shuffling_is_not_drawing_fresh_batches():
    """What fresh subsets would leave is wrong by more than an order of magnitude along the flat mode."""
    end, share = end_of_epoch(), Fraction(SIZE - BATCH, BATCH * (SIZE - 1))
    slopes = [[Fraction(x - sum(column) / Fraction(SIZE)) for x in column] for column in zip(*CENTRES, strict=True)]
    for i, curvature in enumerate(CURVATURE):
        noise = sum((curvature * x) ** 2 for x in slopes[i]) / SIZE
        fresh = ETA * share * noise / (curvature * (2 - ETA * curvature))
        ratio = claimed("variance_ratio")[i]
        assert ratio == end[i][i] / fresh
        assert ratio < (Fraction(1, 30), Fraction(1, 2))[i]
