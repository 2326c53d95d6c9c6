"""What a run can do with what there is: train on annotations, predict test names, or both.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping

from mimamo.corpus.layout import Corpus
from mimamo.errors import ConfigError


def check_training(config: Mapping, corpus: Corpus) -> None:
    """Check that there are the annotations that the protocol trains on.

    Parameters
    ----------
    config
        The whole configuration, with ``models: null``.
    corpus
        The data set.

    Raises
    ------
    ConfigError
        Where there are none.
    """
    if corpus.train is None and corpus.validation is None:
        raise ConfigError(
            "Configuration: data.train and data.validation are null, so there is nothing to train on; set "
            "data.train to the folder of your annotations, or models to trained networks (a folder such as "
            "results/train of another run), which then predict the test names."
        )
    for key in ("train", "validation"):
        if config["protocol"] != "merged" and getattr(corpus, key) is None:
            raise ConfigError(
                f"Configuration: protocol is {config['protocol']}, which trains on the training set and "
                f"scores the validation set, and data.{key} is null; set it to the folder of its annotations,"
                " or protocol to merged."
            )


def check_prediction(config: Mapping, corpus: Corpus) -> None:
    """Check that a run of given models has test names, and nothing that only a training could use.

    Parameters
    ----------
    config
        The whole configuration, with ``models`` given.
    corpus
        The data set.

    Raises
    ------
    ConfigError
        Where there are no test names, where there are annotations, or where the post-processing needs
        out-of-fold predictions.
    """
    if corpus.test_list is None:
        raise ConfigError(
            "Configuration: models are given, which predict the test names, and data.test_list is null; set "
            "it to a list with one name a line."
        )
    annotated = [f"data.{key}" for key in ("train", "validation") if getattr(corpus, key) is not None]
    if annotated:
        raise ConfigError(
            f"Configuration: models are given, so nothing is trained or scored, and {' and '.join(annotated)}"
            ' would not be used; set data.train and data.validation to null (--config "data={train: null, '
            'validation: null}"), or models to null.'
        )
    allowed = {"ensemble": ("mean", "centred"), "smoothing": ("none",), "delay": (False,)}
    for key, values in allowed.items():
        if (found := config["postprocessing"][key]) not in values:
            raise ConfigError(
                f"Configuration: postprocessing.{key} is {found}, which is fitted on out-of-fold predictions,"
                f" and given models have none here; set it to {' or '.join(map(str, values)).lower()}."
            )


def check_submission(corpus: Corpus) -> None:
    """Raise ConfigError where there are no test names to submit."""
    if corpus.test_list is None:
        raise ConfigError(
            "Configuration: data.test_list is null, so there are no test names and nothing to submit; set it"
            " to a list with one name a line."
        )


def omissions(config: Mapping, corpus: Corpus) -> list[str]:
    """Describe what a run leaves out because of what there is not, in a sentence each.

    Parameters
    ----------
    config, corpus
        The whole configuration, and the data set.
    """
    if config["models"] is not None:
        return [
            "The models are given (models) and there are no annotations: nothing is trained, and nothing can "
            "be scored."
        ]
    sentences = []
    if corpus.test_list is None:
        sentences.append(
            "There is no test list (data.test_list is null), so there is nothing to submit: no test names "
            "are predicted, no gaps filled, and no submission is written."
        )
    if corpus.validation is None:
        sentences.append(
            "There is no validation set (data.validation is null): all scores are out of fold, on the "
            "training set."
        )
    if corpus.train is None:
        sentences.append(
            "There is no training set (data.train is null): folds are made of the validation set alone."
        )
    if not corpus.videos:
        sentences.append(
            "There are no videos (data.videos is empty): the numbers of annotation lines and crops are not "
            "compared with those of frames."
        )
    return sentences
