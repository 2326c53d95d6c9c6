"""The study of a search: which values are tried next, which trainings end early, and Optuna's journal.

Each trial is asked of a study in memory that is built of the trials before it, those that are told and those
that run. Which these are depends on the trials' numbers alone, and so do the random numbers, so that a search
takes the same course however long its trainings take and wherever it was interrupted. The journal is a
record of it, which Optuna's own programs read.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from mimamo.search.trials import COMPLETE, FAILED, PRUNED, Trial, stop_curve

logger = logging.getLogger(__name__)

optuna.logging.set_verbosity(optuna.logging.WARNING)

#: Folds of earlier trials that a fold is compared with, at least.
STARTUP = 5
#: The share of its epochs that a fold is trained in any case.
WARM_UP = 1 / 3
#: How often values are asked for until they are none of an earlier trial's.
_TRIES = 50


def ask(
    ranges: Mapping[str, Mapping],
    seed: int,
    number: int,
    earlier: Sequence[Trial],
    configured: Mapping[str, object],
) -> dict[str, object]:
    """Return the parameters of a trial, by Optuna's tree-structured Parzen estimator.

    Parameters
    ----------
    ranges
        Complete ranges, see `mimamo.search.ranges.complete_ranges`.
    seed
        Of the search.
    number
        The trial's number.
    earlier
        The trials before it, in their order: those that it is asked after, and those that run beside it.
    configured
        The configured values, which the first trial has as far as they are within the ranges.
    """
    own_seed = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    distributions = {key: _distribution(form) for key, form in ranges.items()}
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=own_seed), pruner=None
    )
    for trial in earlier:
        study.add_trial(_frozen(trial, ranges))
    if number == 0:
        study.enqueue_trial({key: _encoded(value) for key, value in configured.items()})
    tried = [dict(trial.parameters) for trial in earlier]
    for _ in range(_TRIES):
        # One that was tried stays with the study as one that runs, which leads away from it.
        drawn = study.ask(distributions).params
        parameters = {key: _decoded(drawn[key], form) for key, form in ranges.items()}
        if parameters not in tried:
            return parameters
    logger.warning("Trial %d has the values of an earlier one: the ranges have hardly any others", number)
    return parameters


@dataclass(frozen=True)
class FoldPruner:
    """Ends the training of a fold whose CCC on the stop names is low beside that of earlier trials.

    Attributes
    ----------
    curves
        The CCC after every epoch of the same fold of earlier trials that were trained to their end.
    share
        A fold is ended where its best CCC until then is among this share of the lowest after as many epochs.
    epochs
        Its number of epochs, of which `WARM_UP` are trained in any case.
    """

    curves: tuple[tuple[float, ...], ...]
    share: float
    epochs: int

    @classmethod
    def of_trials(cls, earlier: Sequence[Trial], fold: int, share: float, epochs: int) -> FoldPruner:
        """Return the pruner of a fold that goes by earlier trials."""
        folds = [trial.folds[fold] for trial in earlier]
        return cls(tuple(outcome.curve for outcome in folds if outcome.state == COMPLETE), share, epochs)

    def __call__(self, rows: Sequence[Mapping[str, float]]) -> bool:
        """Return whether a training with this history is to end."""
        if not self.share or not rows:
            return False
        study = optuna.create_study(direction="maximize")
        for curve in self.curves:
            study.add_trial(create_trial(value=float(np.nanmax(curve)), intermediate_values=_by_epoch(curve)))
        pruner = optuna.pruners.PercentilePruner(
            100 * (1 - self.share), n_startup_trials=STARTUP, n_warmup_steps=round(self.epochs * WARM_UP)
        )
        values = _by_epoch(stop_curve(rows))
        running = create_trial(state=TrialState.RUNNING, intermediate_values=values)
        # Not by an epoch without a CCC, of which the pruner would see the one before it.
        return len(rows) in values and pruner.prune(study, running)


def record(
    journal: Path, name: str, ranges: Mapping[str, Mapping], trials: Sequence[Trial], anew: bool = False
) -> None:
    """Bring a study in Optuna's journal to the state of trials.

    Parameters
    ----------
    journal
        The file, which may be written to by several processes, also on NFS.
    name
        The study's name.
    ranges
        Complete ranges.
    trials
        The trials from the first one, in their order.
    anew
        Whether a study that does not agree with the trials is written anew.
    """
    journal.parent.mkdir(parents=True, exist_ok=True)
    storage = JournalStorage(JournalFileBackend(str(journal)))
    study = optuna.create_study(study_name=name, storage=storage, direction="maximize", load_if_exists=True)
    if anew and not _agrees(study, trials, ranges):
        optuna.delete_study(study_name=name, storage=storage)
        study = optuna.create_study(study_name=name, storage=storage, direction="maximize")
    recorded = study.get_trials(deepcopy=False)
    for trial in trials[len(recorded) :]:
        study.add_trial(_frozen(Trial(trial.number, trial.parameters), ranges))
    recorded = study.get_trials(deepcopy=False)
    for trial in trials:
        if trial.folds and not recorded[trial.number].state.is_finished():
            frozen = _frozen(trial, ranges)
            for epoch, value in frozen.intermediate_values.items():
                # By its number, which is not its identity in a journal of several studies.
                storage.set_trial_intermediate_value(recorded[trial.number]._trial_id, epoch, value)
            # Of a pruned one, Optuna takes the last of these for its value.
            value = trial.value if trial.state == COMPLETE else None
            study.tell(trial.number, value, frozen.state)


def _agrees(study: optuna.Study, trials: Sequence[Trial], ranges: Mapping[str, Mapping]) -> bool:
    """Return whether what a study has of trials is the same as their own files say."""
    for recorded, trial in zip(study.get_trials(deepcopy=False), trials, strict=False):
        frozen = _frozen(trial, ranges)
        finished = recorded.state.is_finished()
        if recorded.params != frozen.params or (
            finished and recorded.intermediate_values != frozen.intermediate_values
        ):
            return False
    return True


def _frozen(trial: Trial, ranges: Mapping[str, Mapping]) -> FrozenTrial:
    """Return a trial as Optuna knows it.

    One that failed counts as pruned, with what CCC it had: Optuna learns nothing from failures, and would
    look in the same place again.
    """
    states = {COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED, FAILED: TrialState.PRUNED}
    state = states.get(trial.state, TrialState.RUNNING)
    return create_trial(
        state=state,
        value=trial.value if state == TrialState.COMPLETE else None,
        params={key: _encoded(trial.parameters[key]) for key in ranges},
        distributions={key: _distribution(form) for key, form in ranges.items()},
        intermediate_values=trial.curve,
    )


def _by_epoch(curve: Sequence[float]) -> dict[int, float]:
    """Return the defined values of a curve by epoch, from 1."""
    return {epoch: value for epoch, value in enumerate(curve, start=1) if np.isfinite(value)}


def _distribution(form: Mapping) -> BaseDistribution:
    """Return what the values of a complete range are drawn from."""
    if "choices" in form:
        return CategoricalDistribution([_encoded(choice) for choice in form["choices"]])
    if form["integer"]:
        return IntDistribution(form["low"], form["high"], log=form["log"], step=form["step"])
    return FloatDistribution(form["low"], form["high"], log=form["log"], step=form["step"])


def _encoded(value: object) -> object:
    """Return a value as Optuna keeps it, which has no lists."""
    return json.dumps(value) if isinstance(value, list) else value


def _decoded(value: object, form: Mapping) -> object:
    """Return the value of a range that `_encoded` made this one of."""
    if "choices" not in form:
        return value
    return next(choice for choice in form["choices"] if _encoded(choice) == value)
