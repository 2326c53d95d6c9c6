"""Size of the corpus in names and crops, or that of Aff-Wild2 where no corpus is available."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mimamo.audit.survey import subsets
from mimamo.corpus.crops import list_crops
from mimamo.corpus.layout import Corpus
from mimamo.corpus.videos import read_header


@dataclass(frozen=True)
class Workload:
    """The size of a corpus.

    Attributes
    ----------
    names
        Number of names by subset.
    fitted, test
        Crops of the names of training and validation set, and of the test names.
    source
        Where these numbers come from.
    """

    names: dict[str, int]
    fitted: int
    test: int
    source: str

    @property
    def crops(self) -> int:
        """Crops in all."""
        return self.fitted + self.test

    @property
    def count(self) -> int:
        """Names in all."""
        return sum(self.names.values())

    def without_fitted(self) -> Workload:
        """Return the test names alone, which are all that trained models predict."""
        names = {subset: number if subset == "test" else 0 for subset, number in self.names.items()}
        return replace(self, names=names, fitted=0)


#: As the report counts them (arXiv 2105.01502), with the names of the FG-2020 edition.
AFFWILD2 = Workload(
    names={"train": 351, "validation": 71, "test": 139},
    fitted=1_932_935,
    test=714_986,
    source="Aff-Wild2 as the report counts it, since root is not a data set here",
)


def count_corpus(corpus: Corpus) -> Workload:
    """Count the names and crops of a corpus, without opening any.

    Where crops are to be made from videos, the frames that their headers say are counted: no more than that
    will be made.

    Raises
    ------
    InputError
        Where something that the configuration names is missing or cannot be listed.
    """
    names = subsets(corpus)
    frames = {"train": 0, "validation": 0, "test": 0}
    for name, subset in names.items():
        frames[subset] += _count_crops(corpus, name)
    return Workload(
        names={subset: list(names.values()).count(subset) for subset in frames},
        fitted=frames["train"] + frames["validation"],
        test=frames["test"],
        source=f"counted in {corpus.root}",
    )


def _count_crops(corpus: Corpus, name: str) -> int:
    """Return the number of crops that a name has or, at most, will have."""
    if corpus.makes_crops:
        return read_header(corpus.containers(name)[0]).frames
    folder = corpus.crop_folder(name)
    return len(list_crops(folder, corpus.crop_naming).numbers) if folder is not None else 0
