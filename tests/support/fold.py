"""A fold small enough to train in seconds; as a command, trains it: fold.py FOLD OUT SETTINGS_JSON."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.features.record import ENTRY
from mimamo.jobs.interruption import EXIT_CODE, Interrupted
from mimamo.model.sizes import NetworkConfig
from mimamo.storage.files import write_csv
from mimamo.storage.frame_cache import cache_writer, feature_dtype, phase_dtype
from mimamo.storage.name_records import NameRecords
from mimamo.streams import PAPER
from mimamo.training.config import TrainingConfig

#: Run as a command, this module trains a fold.
TRAIN_SCRIPT = Path(__file__)
WIDTH = 12
# As if a network had computed them.
FEATURES = {
    "backbone": "resnet50", "name": "random (seed 0)", "sha256": "0" * 64, "form": "torchvision",
    "input_size": 32, "resize": 32, "precision": "float32",
}  # fmt: skip
NETWORK = NetworkConfig(
    differences=4,
    spatial_width=8,
    temporal_channels=(4, 4, 4),
    temporal_width=8,
    fusion_width=8,
    recurrent_width=4,
    dropout=0.0,
    fusion_dropout=0.0,
    map_dropout=0.0,
).as_dict()
TRAINING = TrainingConfig(
    window=16,
    hop=8,
    batch_size=4,
    epochs=4,
    patience=4,
    optimiser="adamw",
    learning_rate=0.02,
    weight_decay=0.0,
    schedule="one_cycle",
    precision="float32",
).as_dict()
# Frames with a crop: a hole and a short tail, so that padding and zeroed differences occur.
FRAMES = np.concatenate([np.arange(3, 40), np.arange(45, 70), np.arange(75, 80)])


def make_fold(root: Path, names: str = "abcde") -> None:
    """Caches and labels of names: valence stands in pool5, arousal in the size of the differences.

    Three are for training and one is to stop by; the others are for scoring.
    """
    for number, name in enumerate(names):
        rng = np.random.default_rng(number)
        valence = np.sin(FRAMES / rng.uniform(4, 8) + number)
        arousal = np.cos(FRAMES / rng.uniform(4, 8) - number)
        pool5 = rng.normal(0, 0.3, (len(FRAMES), WIDTH)) + valence[:, None] * np.linspace(-2, 2, WIDTH)
        size = (1.2 + arousal)[:, None, None, None]
        with cache_writer(root / "features" / f"{name}.npy", feature_dtype(WIDTH), len(FRAMES)) as writer:
            writer.append(FRAMES, pool5=pool5.astype(np.float16))
        NameRecords(root / "features").write(name, "as given", {ENTRY: FEATURES})
        with cache_writer(root / "phase" / f"{name}.npy", phase_dtype(), len(FRAMES)) as writer:
            writer.append(
                FRAMES,
                level1=(size * rng.normal(size=(len(FRAMES), 2, 48, 48))).astype(np.float16),
                level2=(size * rng.normal(size=(len(FRAMES), 2, 24, 24))).astype(np.float16),
            )
        table = pd.DataFrame({"frame": FRAMES, "valence": valence, "arousal": arousal, "stretch": 1})
        write_csv(table[table["frame"] > 5], root / "labels" / f"{name}.csv")
    roles = {name: {"d": "stop"}.get(name, "train" if name in "abc" else "score") for name in names}
    table = pd.DataFrame(
        [{"fold": 0, "name": n, "subset": "train", "group": n, "role": r} for n, r in roles.items()]
    )
    write_csv(table, root / "folds.csv")


def caches(folder: Path) -> dict[str, Path]:
    """Return the folders of the caches of the paper's streams."""
    return {"appearance": folder / "features", "motion": folder / "phase"}


def train_small(
    fold: Path,
    out: Path,
    head: str = "gru",
    pool5_components: int | None = None,
    streams: dict | None = None,
    folders: dict | None = None,
    network: dict | None = None,
    **training,
) -> None:
    """Train it into the folder `out`, on the paper's streams unless it is told of others."""
    from mimamo.training.launch import run_distributed
    from mimamo.training.loop import train_fold

    settings = {**TRAINING, **training}
    run_distributed(
        settings["gpus"],
        train_fold,
        fold=0,
        folds_csv=fold / "folds.csv",
        labels_folder=fold / "labels",
        caches=folders or caches(fold),
        network={**NETWORK, "head": head, "pool5_components": pool5_components, **(network or {})},
        training=settings,
        spatial={"weights": "random"},
        streams=streams or PAPER,
        checkpoint=out / "model.pt",
        history=out / "history.csv",
        state=out / "state",
        events=out / "tensorboard",
    )


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    try:
        train_small(Path(sys.argv[1]), Path(sys.argv[2]), **json.loads(sys.argv[3]))
    except Interrupted:
        sys.exit(EXIT_CODE)
