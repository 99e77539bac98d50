"""What ``torch.utils.data.DataLoader(shuffle=True)`` and ``torch.optim.SGD`` do is the law of shuffled epochs."""

import numpy as np
import pytest

from sgdtheory.data.builtin import load_dataset
from sgdtheory.numeric.moments import linear_optimizer
from sgdtheory.numeric.moments.epochs import epoch_law
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares

torch = pytest.importorskip("torch")

BATCH, MOMENTUM, RATE = 64, 0.9, 0.0384
BURN_IN, BLOCKS, EPOCHS = 150, 20, 60  # epochs; the slowest direction forgets itself in 43, the loss far sooner
SIGMAS = 7  # of a t with 19 degrees of freedom: a false alarm in a million


def losses_of_torch(problem, seed):
    """Return the excess loss (epochs, batches) after every step, the last of an epoch in the last column."""
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.tensor(problem.X), torch.tensor(problem.y)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(X, y), batch_size=BATCH, shuffle=True, generator=generator
    )
    weights = torch.tensor(problem.minimum.copy(), requires_grad=True)
    optimizer = torch.optim.SGD([weights], lr=RATE, momentum=MOMENTUM)
    seen = []
    for _ in range(BURN_IN + BLOCKS * EPOCHS):
        for inputs, targets in loader:
            optimizer.zero_grad()
            (((inputs @ weights - targets) ** 2).mean() / 2).backward()
            optimizer.step()
            seen.append(weights.detach().numpy().copy())
    offsets = np.array(seen) - problem.minimum
    losses = np.einsum("ki,ij,kj->k", offsets, problem.hessian, offsets) / 2
    return losses.reshape(BURN_IN + BLOCKS * EPOCHS, -1)[BURN_IN:]


@pytest.mark.slow
def test_a_data_loader_lands_on_the_law_of_shuffled_epochs_and_not_on_that_of_independent_batches():
    """Diabetes, batches of 64 and a last one of 58, momentum 0.9.

    The mean of the loss over a run is known to about 4 %, from blocks of epochs. A law that is off by more than
    ten standard errors is refused with a chance of at least 0.999; that of independent batches is off by far more.
    """
    data = load_dataset("diabetes")
    problem = LeastSquares(data.X, (data.y - data.y.mean()) / data.y.std())
    law = epoch_law(problem, SGD(RATE, BATCH, MOMENTUM, sampling="reshuffle"))
    losses = losses_of_torch(problem, seed=5)
    gains = linear_optimizer.of(law.optimizer).gains(problem.spectrum.eigenvalues)[..., 0, 0].diagonal()
    noise = np.diagonal(problem.spectrum.vectors.T @ problem.noise @ problem.spectrum.vectors)
    share = (problem.dataset_size - BATCH) / (BATCH * (problem.dataset_size - 1))
    independent = float((problem.spectrum.eigenvalues * gains * noise).sum() * share / 2)
    for seen, wanted in ((losses.mean(axis=1), law.average_excess_loss), (losses[:, -1], law.excess_loss())):
        blocks = seen.reshape(BLOCKS, EPOCHS).mean(axis=1)
        mean, error = blocks.mean(), blocks.std(ddof=1) / np.sqrt(BLOCKS)
        assert error < 0.06 * wanted
        assert abs(mean - wanted) < SIGMAS * error
        assert independent - mean > 2 * SIGMAS * error
