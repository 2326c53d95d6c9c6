# Which version of the data set's files a result depends on. No rules.

from mimamo.corpus.inventory import Inventory
from mimamo.corpus.layout import video_of
from mimamo.corpus.results_root import check_root
from mimamo.cropping.roles import role_of

# What was read of the data set's files. They are no inputs of rules: Snakemake would go by their dates. Each rule that
# reads them has the version of what it reads among its parameters instead, and code() is the same for the workflow's own.
INVENTORY_FOLDER = "results/inventory"
INVENTORY = Inventory(
    CORPUS,
    Path(INVENTORY_FOLDER),
    # The demo corpus may not be rendered yet.
    first="rendered" if IS_DEMO else None,
    full=FULL_CHECK and workflow.is_main_process,
)
# Commands that touch no result are given without the data set; Snakemake does not tell which command it was called with.
if workflow.is_main_process and not {"--unlock", "--lint"} & set(sys.argv):
    call_or_exit(check_root, INVENTORY, "demo" if IS_DEMO else ROOT)
if workflow.is_main_process:
    # Before any job: a version that is first asked for when its job has ended might be that of a later change.
    INVENTORY.check(NAMES)


def rendered(wildcards) -> list[str]:
    """Return what rules make of the data set: the demo corpus, or the crops; any other data set is no input."""
    if IS_DEMO:
        return ["results/demo/corpus"]
    return made_crops(wildcards) if MAKES_CROPS else []


@cache
def names_by_video() -> dict[str, list[str]]:
    """Return the names of the people of every video."""
    found: dict[str, list[str]] = {}
    for name in NAMES:
        found.setdefault(video_of(name), []).append(name)
    return found


def made_crops(wildcards) -> list[str]:
    """Return what the making of crops leaves of a batch's names and the others in their videos, or of all names."""
    if "batch" not in wildcards.keys():
        return batches_of("crops", NAMES)
    # The audit names the other person of a video.
    videos = {video_of(name) for name in BATCHES[wildcards.batch]}
    return batches_of("crops", [name for video in sorted(videos) for name in names_by_video()[video]])


def role_in_video(name: str) -> str:
    """Return which person of its video a name means."""
    containers = CORPUS.containers(name)
    sharing = [other for other in names_by_video()[video_of(name)] if CORPUS.containers(other) == containers]
    return role_of(name, containers[0].stem if containers else name, sharing)


def versions_of(name: str) -> dict[str, str]:
    """Return the version of every part of a name."""
    # In a job's own process those that were recorded: to look at all files again in every job would take minutes.
    return INVENTORY.versions(name) if workflow.is_main_process else INVENTORY.recorded(name)


def version(*parts: str):
    """Return a parameter function: a digest of the versions of these parts of all names."""
    return lambda wildcards: key_of([[name, *map(versions_of(name).get, parts)] for name in NAMES])


# Where the annotations are, which is all of the layout that their readers depend on.
ANNOTATION_LAYOUT = {key: config["data"][key] for key in ("train", "validation")}


def crop_layout(wildcards) -> dict[str, object]:
    """Return where the crops are and how they are named, which is all of the layout that their readers depend on."""
    naming = CORPUS.crop_naming
    return {"crops": config["data"]["crops"], "crop_names": naming.pattern, "first_frame": naming.first}


def list_digests(*keys: str) -> dict[str, str | None]:
    """Return the digests of some of the lists of video lengths and person groups, those that there are."""
    lists = {} if IS_DEMO else {key: getattr(CORPUS, key) for key in keys}
    return {key: file_digest(path) for key, path in lists.items() if path is not None}


def survey_versions(wildcards) -> dict[str, object]:
    """Return what the survey of the corpus as a whole depends on: the names of folders and videos, and the lists."""
    if IS_DEMO:
        return {}
    videos = [path.name for folder in CORPUS.videos if folder.is_dir() for path in folder.iterdir()]
    digests = list_digests("frame_list", "sample_list", "groups")
    return {"folders": CORPUS.crop_names(), "videos": sorted(videos), **digests}
