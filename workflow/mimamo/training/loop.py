"""The training loop of one fold: until the last epoch or early stopping, with saved states and results."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.dataset.fold_data import fingerprint, phase_energies, read_fold
from mimamo.distributed import SINGLE_PROCESS, ProcessGroup
from mimamo.features.record import common_records
from mimamo.jobs.interruption import Interrupted, StopRequest
from mimamo.model.checkpoint import save_checkpoint
from mimamo.model.sizes import NetworkConfig, StreamSizes
from mimamo.provenance.source_code import code_digest, imported_modules
from mimamo.storage.files import write_csv
from mimamo.streams import PHASE, Settings, backbone_streams, has_own_backbone
from mimamo.training.config import TrainingConfig
from mimamo.training.history import FailedTraining
from mimamo.training.preemption import StepAborted, abort_step_on
from mimamo.training.progress import ProgressLogger
from mimamo.training.saved_state import SavedStates
from mimamo.training.tensorboard import TensorBoardLog
from mimamo.training.trainer import Training

logger = logging.getLogger(__name__)

#: Returns whether a training is to end, by the rows of its history.
Pruner = Callable[[Sequence[Mapping[str, float]]], bool]


def save(training: Training, states: SavedStates) -> None:
    """Save the state in the main process only, as it is the same in all."""
    if training.process_group.is_main:
        states.save(training.step, training.state())


def fit(
    training: Training, states: SavedStates, events: Path | None = None, prune: Pruner | None = None
) -> bool:
    """Train until the last epoch or until early stopping; resume from the last saved state if there is one.

    Parameters
    ----------
    training
        The training.
    states
        Its saved states, to resume from and to save to.
    events
        Folder for the curves of TensorBoard; None: there are none.
    prune
        What may end the training before; None: nothing.

    Returns
    -------
    bool
        Whether `prune` ended it.

    Raises
    ------
    Interrupted
        When SIGTERM came; the state is saved.
    FailedTraining
        Where the CCC on the stop names was never defined.
    """
    pruned = False
    if (state := states.load()) is not None:
        training.restore(state)
        logger.info("Fold %d: goes on after step %d", training.fold, training.step)
    logger.info(
        "Fold %d: %d windows, %d steps an epoch, on %s",
        training.fold,
        len(training.windows),
        training.steps_per_epoch,
        training.device,
    )
    progress, saved, process_group = ProgressLogger(training), training.step, training.process_group
    log = TensorBoardLog(events if process_group.is_main else None, training.rows)
    networks = {training.network, training.evaluated}
    with StopRequest() as stop, abort_step_on(networks, stop, where=training.abortable), log:
        try:
            while not training.ended:
                # By the history alone, so that a training that was stopped here decides the same.
                if pruned := prune is not None and bool(training.rows) and prune(training.rows):
                    break
                for step in training.run_epoch():
                    if process_group.any(stop.received):
                        raise StepAborted
                    progress.log_step()
                    if step >= saved + training.config.save_every:
                        save(training, states)
                        saved = step
                progress.log()
                log.add(training.rows[-1])
                save(training, states)
                saved = training.step
            for _ in training.finish():
                if process_group.any(stop.received):
                    raise StepAborted
        except StepAborted:
            save(training, states)
            # No process may exit, which ends the others too, before the state is saved.
            process_group.barrier()
            raise Interrupted(
                f"fold {training.fold} was asked to stop and did so after step {training.step}; the next run "
                "goes on from there"
            ) from None
    if not training.weights:
        raise FailedTraining(
            f"fold {training.fold}: the CCC on the stop names {', '.join(training.data.stop)} was undefined "
            "in every epoch, as neither their labels nor the estimates vary; raise folds.stop_fraction, so "
            "that there are more stop names",
            training.rows,
        )
    return pruned


def train_fold(
    fold: int,
    folds_csv: Path,
    labels_folder: Path,
    caches: Mapping[str, Path],
    network: dict,
    training: dict,
    spatial: dict,
    streams: Mapping[str, Settings],
    checkpoint: Path | None,
    history: Path,
    state: Path,
    events: Path | None = None,
    demo: bool | None = None,
    process_group: ProcessGroup = SINGLE_PROCESS,
    prune: Pruner | None = None,
) -> bool:
    """Train one fold and write its checkpoint and its history.

    Parameters
    ----------
    fold
        The fold's number; it is added to the seed.
    folds_csv
        The table of roles, which alone determines the names for training and for early stopping.
    labels_folder
        Label tables.
    caches
        The folder of the caches of every stream.
    network, training, spatial, streams
        Sections of the configuration. All are saved in the checkpoint; `spatial`, together with the record of
        what the features were computed with, so that prediction uses the same features.
    checkpoint, history
        The files to write; a training of which the history alone is of use has no checkpoint.
    state
        Folder of the training's saved states until it ends. A training that was stopped resumes from there,
        with the result that it would have had without the stop.
    events
        Folder for the curves of TensorBoard; None: there are none.
    demo
        Whether the corpus is the rendered demo corpus, which is saved in the checkpoint; None: not known.
    process_group
        The processes that train the fold together; the main process writes the files.
    prune
        What may end the training before its last epoch, by its history until then.

    Returns
    -------
    bool
        Whether `prune` ended it.

    Raises
    ------
    Interrupted
        When SIGTERM came; the state is saved.
    InputError
        Where a cache is missing, features are of two kinds, there is no labelled frame to train on or to
        stop by, the CCC on the stop names was never defined, or a loss or an estimate is not a finite number.
    """
    import pandas as pd

    config = TrainingConfig.from_dict(training)
    data = read_fold(fold, folds_csv, labels_folder, {stream: caches[stream] for stream in streams})
    folders = {stream: caches[stream] for stream in backbone_streams(streams)}
    features = common_records(folders, data.train + data.stop)
    sizes = network_sizes(network, streams, data.recordings[data.train[0]].widths)
    run = Training(fold, data, sizes, config, process_group)
    settings = {"network": sizes.as_dict(), "training": config.as_dict()}
    states = SavedStates(state, fingerprint(data, settings, imported_modules(Path(__file__))))
    pruned = fit(run, states, events, prune)
    if process_group.is_main:
        write_csv(pd.DataFrame(run.rows), history)
        if checkpoint is not None:
            _write_checkpoint(run, sizes, spatial, streams, features, demo, checkpoint)
        states.discard()
    return pruned


def network_sizes(network: dict, streams: Mapping[str, Settings], widths: Mapping[str, int]) -> NetworkConfig:
    """Return the sizes of the network over some streams.

    Parameters
    ----------
    network, streams
        Sections of the configuration.
    widths
        Values per frame of every stream of features.
    """
    own = ("width", "dropout", "components")
    # Those whose sizes the section ``network`` says, as the section ``spatial`` says what their features are.
    spatial = [name for name, given in backbone_streams(streams).items() if not has_own_backbone(given)]
    sizes = [
        StreamSizes(
            name,
            phase=settings["kind"] == PHASE,
            inputs=None if settings["kind"] == PHASE or name in spatial else widths[name],
            **{key: settings.get(key) for key in own},
        )
        for name, settings in streams.items()
    ]
    # Phase differences are the network's last inputs.
    sizes.sort(key=lambda stream: (stream.phase, stream.name))
    given = {"pool5_width": widths[spatial[0]]} if spatial else {}
    return replace(NetworkConfig.from_dict({**network, **given}), streams=tuple(sizes))


def _write_checkpoint(
    run: Training,
    sizes: NetworkConfig,
    spatial: dict,
    streams: Mapping[str, Settings],
    features: dict,
    demo: bool | None,
    checkpoint: Path,
) -> None:
    """Write the checkpoint of a training that has ended."""
    save_checkpoint(
        checkpoint,
        run.weights,
        sizes,
        training=run.config.as_dict(),
        spatial=spatial,
        features=features,
        origin={"code": code_digest(Path(__file__))},
        fold=run.fold,
        epoch=max(entry.epoch for entry in run.best.kept),
        phase_energy=phase_energies(run.data.train, run.data),
        demo=demo,
        streams=streams,
    )
    logger.info("Fold %d: kept %s", run.fold, _kept(run))


def _kept(run: Training) -> str:
    """Describe the weights that are kept of a training."""
    best = run.best
    if run.config.average == "epochs":
        epochs = ", ".join(str(epoch) for epoch in sorted(entry.epoch for entry in best.kept))
        score = np.mean([run.rows[-1][f"average_stop_ccc_{dimension}"] for dimension in DIMENSIONS])
        words = f"the mean of the epochs {epochs}"
        return f"{words}, with CCC {score:.3f} on the stop names" if run.data.stop else words
    averaged = ", with its moving average" if run.config.average == "ema" else ""
    if run.data.stop:
        return f"epoch {best.epoch} with CCC {best.score:.3f} on the stop names{averaged}"
    return f"the last epoch, {best.epoch}, as there are no stop names{averaged}"
