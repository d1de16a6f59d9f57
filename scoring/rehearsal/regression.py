"""Logistic regression by iteratively reweighted least squares. The one module that needs numpy (the extra `ml`).

Plain lists and numbers come in and go out; load it through `scoring.rehearsal.extra`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

STEPS = 100
ENOUGH = 1e-8
FOLDS = 5


@dataclass(frozen=True)
class Fit:
    """log-odds = intercept + weights . inputs. `errors` are the standard errors of the weights.

    `kept[j]` is False where the evidence spoke against the sign that was asked for: that weight is 0, and
    `against[j]` is what it would have been.
    """

    intercept: float
    weights: list[float]
    errors: list[float]
    kept: list[bool]
    against: list[float]


def fit(
    inputs: Sequence[Sequence[float]], won: Sequence[bool], *, signs: Sequence[int] | None = None, penalty: float = 1.0
) -> Fit:
    """Weights that make `won` likeliest, drawn towards 0 by `penalty` (L2, on inputs brought to a common size).

    `signs[j]`: 1 or -1 keeps weight j from having the other sign, 0 leaves it free.
    """
    columns = _matrix(inputs)
    size = _sizes(columns)
    outcome = np.asarray(won, dtype=np.float64)
    return _fit(columns / size, outcome, np.asarray(signs or [0] * columns.shape[1]), penalty, size)


def held_out(
    inputs: Sequence[Sequence[float]],
    won: Sequence[bool],
    *,
    signs: Sequence[int] | None = None,
    penalty: float = 1.0,
    seed: int,
) -> list[tuple[int, float]]:
    """(fold, log-odds) of each lead by weights fitted without its fold: how well they do on leads they never saw."""
    columns = _matrix(inputs)
    size = _sizes(columns)
    scaled, outcome = columns / size, np.asarray(won, dtype=np.float64)
    wanted = np.asarray(signs or [0] * columns.shape[1])
    fold = np.random.default_rng(seed).permutation(len(outcome)) % FOLDS
    odds = np.zeros(len(outcome))
    for number in range(FOLDS):
        seen = fold != number
        found = _fit(scaled[seen], outcome[seen], wanted, penalty, np.ones(columns.shape[1]))
        odds[~seen] = scaled[~seen] @ np.asarray(found.weights) + found.intercept
    return [(int(number), float(value)) for number, value in zip(fold, odds, strict=True)]


def _matrix(inputs: Sequence[Sequence[float]]) -> Floats:
    return np.asarray(inputs, dtype=np.float64).reshape(len(inputs), -1)


def _sizes(columns: Floats) -> Floats:
    """What each input typically is where it is not 0: so that one penalty is fair to "each visit" and to yes or no."""
    there = np.maximum((columns != 0).sum(axis=0), 1)
    size: Floats = np.abs(columns).sum(axis=0) / there
    size[size == 0] = 1.0
    return size


def _fit(columns: Floats, outcome: Floats, signs: NDArray[np.int_], penalty: float, size: Floats) -> Fit:
    """Drops the weight that most contradicts its sign and fits again, until none does."""
    many = columns.shape[1]
    active = np.ones(many, dtype=bool)
    against = np.zeros(many)
    found = np.zeros(many + 1)
    while True:
        found, covariance = _newton(columns[:, active], outcome, penalty, found)
        weights, errors = np.zeros(many), np.zeros(many)
        weights[active], errors[active] = found[1:], np.sqrt(np.diag(covariance)[1:])
        wrong = active & (signs * weights < 0)
        if not wrong.any():
            break
        worst = int(np.argmax(np.where(wrong, np.abs(weights) / np.maximum(errors, 1e-12), -1.0)))
        found = np.delete(found, 1 + int(active[:worst].sum()))
        active[worst] = False
        against[worst] = weights[worst]
    return Fit(
        intercept=float(found[0]),
        weights=(weights / size).tolist(),
        errors=(errors / size).tolist(),
        kept=active.tolist(),
        against=(against / size).tolist(),
    )


def _newton(columns: Floats, outcome: Floats, penalty: float, weights: Floats) -> tuple[Floats, Floats]:
    """(intercept and weights, their covariance), begun from these `weights`; near ones save steps. A step that would
    make things worse is halved until it does not.
    """
    design = np.hstack([np.ones((len(outcome), 1)), columns])
    drawn = np.full(design.shape[1], penalty)
    drawn[0] = 1e-6
    loss = _loss(design, outcome, weights, drawn)
    for _ in range(STEPS):
        likely = _chance(design @ weights)
        slope = design.T @ (outcome - likely) - drawn * weights
        step = np.linalg.solve(_curvature(design, likely, drawn), slope)
        while (stepped := _loss(design, outcome, weights + step, drawn)) > loss + 1e-12 and np.abs(step).max() > ENOUGH:
            step /= 2
        weights, loss = weights + step, stepped
        if np.abs(step).max() < ENOUGH:
            break
    covariance = np.linalg.inv(_curvature(design, _chance(design @ weights), drawn))
    return weights, covariance.astype(np.float64)


def _chance(odds: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    return chance


def _curvature(design: Floats, likely: Floats, drawn: Floats) -> Floats:
    matrix: Floats = (design * (likely * (1 - likely))[:, None]).T @ design + np.diag(drawn)
    return matrix


def _loss(design: Floats, outcome: Floats, weights: Floats, drawn: Floats) -> float:
    odds = design @ weights
    return float(np.sum(np.logaddexp(0, odds) - outcome * odds) + 0.5 * np.sum(drawn * weights**2))
