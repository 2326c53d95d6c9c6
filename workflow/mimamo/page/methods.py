"""The methods paragraph of a paper about a run, in LaTeX, and the references that it cites."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mimamo import DIMENSIONS, __version__
from mimamo.html.formats import count
from mimamo.page.sources import Sources
from mimamo.storage.files import read_csv
from mimamo.streams import AUDIO, BACKBONE, PHASE, backbone_streams

#: The references, in BibTeX.
BIBTEX = (Path(__file__).parent / "template/references.bib").read_text(encoding="utf-8").strip()
#: What characters that mean something to LaTeX are written as.
_LATEX = str.maketrans({character: f"\\{character}" for character in "&%$#_{}"})

_HEADS = {
    "gru": "a bidirectional GRU",
    "tcn": "a temporal convolutional network",
    "transformer": "a transformer encoder",
    "none": "no recurrence, each frame by itself",
}
_OPTIMISERS = {"adamw": "AdamW", "sgd": "SGD with momentum"}
_POLICIES = {
    "report": "Test frames without a crop take the previous frame's value, and $-5$ before the first crop.",
    "previous": "Test frames without a crop take the previous frame's value, or the first one after them.",
    "interpolate": "Test frames without a crop are interpolated between their neighbours.",
}


def methods_paragraph(config: Mapping, edition: str, records: Mapping[str, Mapping], sources: Sources) -> str:
    """Describe the run as a paper's methods section would.

    Parameters
    ----------
    config
        The whole configuration.
    edition
        ``demo``, the edition of Aff-Wild2, or empty for any other data set.
    records
        By stream, what the features of backbones were computed with, see `mimamo.features.record`.
    sources
        The tables of the run.

    Returns
    -------
    str
        A paragraph in LaTeX that cites the keys of `BIBTEX`.
    """
    sentences = [_data(config, edition), *_streams(config, records)]
    if sources.scores is not None:
        sentences += [_network(config), _training(config), _scores(sources)]
    if sources.check is not None:
        sentences.append(_POLICIES[config["gaps"]["policy"]])
    sentences.append(f"All computations used the workflow mimamo {__version__}.")
    return " ".join(sentences)


def _data(config: Mapping, edition: str) -> str:
    """Name the corpus."""
    if edition == "demo":
        return r"We used a corpus of rendered faces, a stand-in for Aff-Wild2~\cite{kollias2019affwild2}."
    if edition:
        return rf"We used Aff-Wild2~\cite{{kollias2019affwild2}} as distributed for {edition}."
    folder = Path(config["root"]).name.translate(_LATEX)
    return f"We used the data set {folder}: aligned crops of faces, with valence and arousal of every frame."


def _streams(config: Mapping, records: Mapping[str, Mapping]) -> list[str]:
    """Describe what each stream of the network sees."""
    sentences = []
    for name, settings in config["streams"].items():
        stream = f"The stream {name.translate(_LATEX)} takes"
        if settings["kind"] == PHASE:
            sentences.append(
                f"{stream} {config['network']['differences']} phase differences around each frame, in a "
                r"complex steerable pyramid~\cite{portilla2000}."
            )
        elif settings["kind"] == BACKBONE:
            record = records[name]
            side, backbone = record["input_size"], record["backbone"]
            # Other networks are to be cited by whoever takes them.
            cited = r"~\cite{he2016}" if "resnet" in backbone else ""
            sentences.append(
                rf"{stream} the pooled activations of {backbone.translate(_LATEX)}{cited}"
                rf" ({record['name'].translate(_LATEX)} weights) on crops of ${side}\times{side}$ pixels."
            )
        elif settings["kind"] == AUDIO:
            sentences.append(
                f"{stream} the mean of {settings['context']} log-mel frames of the video's sound around "
                f"each frame ({settings['bands']} bands from {settings['lowest']:g} to "
                f"{settings['highest']:g} Hz, windows of {1000 * settings['window']:g} ms every "
                f"{1000 * settings['hop']:g} ms)."
            )
        else:
            sentences.append(f"{stream} features that were computed elsewhere.")
    return sentences


def _network(config: Mapping) -> str:
    """Describe the network."""
    network, training = config["network"], config["training"]
    fused = "attention" if network["fusion"] == "attention" else "concatenation"
    sentences = [
        rf"MIMAMO Net~\cite{{deng2020mimamo}} was trained as in~\cite{{li2021technical}}, with its streams "
        f"fused by {fused} and {_HEADS[network['head']]} over windows of {training['window']} frames."
    ]
    components = network["pool5_components"]
    if components is not None and backbone_streams(config["streams"]):
        sentences.append(
            f"The backbone's activations were reduced to {components} whitened principal components."
        )
    # It is left out where there are no features to fit it to.
    has_ridge = network["ridge"] and any(given["kind"] != PHASE for given in config["streams"].values())
    if has_ridge:
        sentences.append(
            "The network's output was added to a ridge regression on the features of single frames, whose "
            "penalty was chosen by cross-validation over people."
        )
    if has_ridge and network["ridge_level"]:
        sentences.append(
            "What the network added was centred over each video, in proportion to the slope of the labels on "
            "the regression's cross-validated estimates, so that the regression determines the video's mean."
        )
    return " ".join(sentences)


def _training(config: Mapping) -> str:
    """Describe folds, loss and optimiser."""
    training, folds = config["training"], config["folds"]
    over = "each batch" if training["loss"] == "batch" else "each window"
    return (
        f"Names were cross-validated in {folds['count']} folds, with all names that may show one person in "
        rf"one fold. The loss was one minus the CCC~\cite{{lin1989}} over {over}, the optimiser "
        f"{_OPTIMISERS[training['optimiser']]}, with a learning rate of {training['learning_rate']:g}, a "
        f"weight decay of {training['weight_decay']:g} and batches of {training['batch_size']} windows, for "
        f"at most {training['epochs']} epochs (seed {training['seed']})."
    )


def _scores(sources: Sources) -> str:
    """State the scores with their intervals."""
    pooled = read_csv(sources.scores).query("scope == 'pooled'").to_dict("records")
    if not pooled:
        return "No labelled frame was scored."
    (row,) = pooled
    parts = [
        f"{row[f'ccc_{dimension}']:.3f}{_ends(row, dimension)} for {dimension}" for dimension in DIMENSIONS
    ]
    return f"Out of fold, the CCC over {count(row['frames'])} frames was {' and '.join(parts)}."


def _ends(row: Mapping, dimension: str) -> str:
    """State the interval of a score, where there is one."""
    low, high = (row.get(f"ccc_{dimension}_{end}") for end in ("low", "high"))
    if low is None or low != low:
        return ""
    return rf" (95\,\% bootstrap interval over people ${low:.3f}$ to ${high:.3f}$)"
