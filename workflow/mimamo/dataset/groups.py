"""Person groups that stay together: no picture may be on two sides of a fold.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping

from mimamo.corpus.layout import video_of


def merge_groups(names: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Join the groups of names that share a container or a video.

    Most such names are of one group by their naming. The user's list of groups may put two people of a video
    into different groups, but each of them may be seen in the other's crops.

    Parameters
    ----------
    names
        Group and container by name; the container is empty where there is none.

    Returns
    -------
    dict[str, str]
        By name the first, in sorted order, of the groups that stay together.
    """
    parents: dict[tuple[str, str], tuple[str, str]] = {}

    def root(thing: tuple[str, str]) -> tuple[str, str]:
        """Return the thing that stands for all that are joined with this one."""
        parents.setdefault(thing, thing)
        while parents[thing] != thing:
            # Shortens the path for the next search.
            parents[thing] = parents[parents[thing]]
            thing = parents[thing]
        return thing

    for name, (group, container) in names.items():
        shared = [("group", group), ("container", container), ("video", video_of(name))]
        for kind, value in shared:
            if value:
                parents[root((kind, value))] = root(("name", name))
    first: dict[tuple[str, str], str] = {}
    for name, (group, _) in names.items():
        first[root(("name", name))] = min(group, first.get(root(("name", name)), group))
    return {name: first[root(("name", name))] for name in names}
