"""Sums over the looks of a stationary stretch, for any block that can advance and show its state."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgdtheory.numeric.engine.block import Block, ChainSums


def accumulate(block: Block, looks: int, stride: int, lags: tuple[int, ...], *, companion: bool) -> ChainSums:
    """Advance a block and add up what is seen, as ``Block.accumulate`` describes; it adds in float64."""
    sums = _Sums(block.state().shape, len(lags))
    companions = _Sums(block.companion().shape, len(lags)) if companion else None
    for _ in range(looks):
        sums.look(block.state())
        if companions:
            companions.look(block.companion())
        passed = 0
        for place, lag in enumerate(lags):
            block.advance(lag - passed)
            passed = lag
            sums.look_again(place, block.state())
            if companions:
                companions.look_again(place, block.companion())
        block.advance(max(stride - passed, 0))
    beside: dict[str, Any] = {}
    if companions:
        beside = {
            "companion_first": companions.first,
            "companion_second": companions.second,
            "companion_lagged": companions.lagged,
        }
    return ChainSums(looks, sums.first, sums.second, sums.lagged, **beside)


class _Sums:
    """Sums of e, e e' and e(t + lag) e(t)' for each replica."""

    def __init__(self, shape: tuple[int, ...], lags: int) -> None:
        d, replicas = shape
        self.first, self.second = np.zeros((d, replicas)), np.zeros((d, d, replicas))
        self.lagged = np.zeros((lags, d, d, replicas))
        self._now, self._product = self.first, np.empty((d, d, replicas))

    def look(self, state: np.ndarray) -> None:
        self._now = state
        self.first += state
        self.second += np.multiply(state[:, None], state[None], out=self._product)

    def look_again(self, place: int, state: np.ndarray) -> None:
        self.lagged[place] += np.multiply(state[:, None], self._now[None], out=self._product)
