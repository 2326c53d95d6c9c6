"""Hyperparameters of training: the configuration's section ``training``."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class TrainingConfig:
    """Hyperparameters and settings of a training; the keys of the configuration's section ``training``.

    Attributes
    ----------
    window, hop
        Frames of a training window, and from one window's start to the next's.
    batch_size
        Windows in a batch.
    bridge
        Holes of at most so many frames without a label are parts of training windows, and count for nothing
        in the loss; where there is no crop either, features are held and differences are zero.
    loss
        Over which frames the CCC is taken: ``batch`` (all of a batch together) or ``window`` (each window,
        and the mean of these).
    epochs, patience
        Maximum number of epochs; epochs without a better CCC on the stop names before training stops early.
    optimiser
        ``adamw`` or ``sgd`` (with `momentum`).
    learning_rate, weight_decay
        Of the optimiser; the peak rate where the schedule is ``one_cycle``.
    schedule
        ``one_cycle`` (up and down once over all steps) or ``steps`` (multiplied by `gamma` at the epochs
        `milestones`).
    flip
        Whether the phase maps of half the windows are mirrored.
    stream_dropout
        The share of windows of which each stream is dropped, at random; one at least stays.
    precision
        ``float32``, ``bfloat16`` (convolutions only) or ``auto``: bfloat16 where the device computes it
        natively.
    average
        What is evaluated and kept: the weights of the best epoch (``none``), their exponential moving average
        over the steps (``ema``), or the mean of the best epochs (``epochs``); see
        `mimamo.training.averaging`.
    average_decay
        Share of itself that the moving average keeps in a step.
    average_epochs
        How many epochs are averaged, at most.
    seed
        Of weights, shuffling, dropout and flips; each fold adds its number.
    gpus
        Processes that share every batch, each on a GPU of its own.
    save_every
        Steps after which the state is saved, so that a killed training loses at most these.
    """

    window: int = 64
    hop: int = 32
    batch_size: int = 16
    bridge: int = 0
    loss: str = "batch"
    epochs: int = 25
    patience: int = 5
    optimiser: str = "sgd"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: str = "steps"
    milestones: tuple[int, ...] = (10, 20)
    gamma: float = 0.1
    flip: bool = True
    stream_dropout: float = 0.0
    precision: str = "auto"
    average: str = "none"
    average_decay: float = 0.999
    average_epochs: int = 5
    seed: int = 0
    gpus: int = 1
    save_every: int = 100

    def as_dict(self) -> dict:
        """Return the settings as plain values, for a checkpoint.

        Those of an average are left out where there is none, as earlier versions did not write them.
        """
        values = {**asdict(self), "milestones": list(self.milestones)}
        averages = self.average != "none"
        return {key: value for key, value in values.items() if averages or not key.startswith("average")}

    @classmethod
    def from_dict(cls, values: dict) -> TrainingConfig:
        """Create the settings from the configuration's section, without ``threads``, which is for the job."""
        return cls(**{key: value for key, value in values.items() if key != "threads"})
