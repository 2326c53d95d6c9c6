"""Make folders and lists as Aff-Wild2 has them, without a single picture, to try the planning of a big run.

python tests/support/skeleton.py FOLDER --names 600
"""

from __future__ import annotations

from pathlib import Path

import cyclopts

#: Folders of the ABAW2 edition.
ANNOTATIONS = {"train": "VA_Set/Train_Set", "validation": "VA_Set/Validation_Set"}
TEST_LIST = "test_set_VA_Challenge.txt"
#: Shares of the subsets, about those of ABAW3: 356, 76 and 162 names.
SHARES = {"train": 0.6, "validation": 0.13}
FORMS = ("{n}", "{n}-30-640x360", "{n}-60-1920x1080-1", "{n}-60-1920x1080-2", "video{n}", "video{n}_left")


def subsets(count: int) -> dict[str, list[str]]:
    """Return invented names for each subset."""
    names = [FORMS[number % len(FORMS)].format(n=number // len(FORMS) + 1) for number in range(count)]
    train = round(SHARES["train"] * count)
    validation = train + round(SHARES["validation"] * count)
    return {"train": names[:train], "validation": names[train:validation], "test": names[validation:]}


def make_skeleton(folder: Path, count: int) -> dict[str, list[str]]:
    """Make the folders, with three lines in every annotation file; return the names of each subset."""
    found = subsets(count)
    for part in ("cropped_aligned", "batch1", "batch2", *ANNOTATIONS.values()):
        (folder / part).mkdir(parents=True)
    for subset, names in found.items():
        for name in names:
            (folder / "cropped_aligned" / name).mkdir()
            if subset in ANNOTATIONS:
                text = "valence,arousal\n" + "0.1,0.2\n-5,-5\n" * 40
                (folder / ANNOTATIONS[subset] / f"{name}.txt").write_text(text)
    (folder / TEST_LIST).write_text("".join(f"{name}\n" for name in found["test"]))
    return found


def main(folder: Path, /, *, names: int = 600) -> None:
    """Make folders and lists as Aff-Wild2 has them, without a single picture.

    Parameters
    ----------
    folder
        The folder to make.
    names
        How many names.
    """
    found = make_skeleton(folder, names)
    print(f"{folder}: {', '.join(f'{len(part)} {subset}' for subset, part in found.items())}")


if __name__ == "__main__":
    cyclopts.run(main)
