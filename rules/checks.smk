# What ends a run before the first job: faults of the corpus, and settings that it does not allow. No rules.

from mimamo.audit.list_checks import Lists, list_symptoms
from mimamo.audit.survey import refuse_unusable
from mimamo.cropping.weights import find_detector
from mimamo.dataset.limits import check_fold_count, check_longest, check_test_lengths, check_window
from mimamo.dataset.scope import check_prediction, check_submission, check_training
from mimamo.own_data.given_models import check_models
from mimamo.search.ranges import check_search


@cache
def lists() -> Lists:
    """Return the data set's lists, which are read only when a job needs them; the demo has none."""
    return Lists() if IS_DEMO else Lists.read(CORPUS)


@cache
def survey_with_lists() -> Survey:
    """Return the survey with the faults of the lists."""
    return SURVEY if IS_DEMO else Survey(SUBSETS, SURVEY.symptoms + list_symptoms(CORPUS, SUBSETS, lists()))


@cache
def check_limits() -> None:
    """End the run before training where there is nothing to train on, folds or windows do not fit, or a test name has
    no known length.
    """
    refuse_training()
    for folder, settings in RUN_CONFIGS.items():
        count, protocol = settings["folds"]["count"], settings["protocol"]
        call_for_run(folder, check_fold_count, count, protocol, SUBSETS, lists().group)
        call_for_run(folder, check_length_of_windows, settings["training"]["window"])
    check_lengths()


@cache
def check_length_of_windows(window: int) -> None:
    """Check that an annotated video is as long as a window."""
    if IS_DEMO:
        check_longest(window, cast.longest_fitted(config["demo"]["frames"]))
    else:
        fitted = [name for name, subset in SUBSETS.items() if subset != "test"]
        check_window(window, filter(None, map(CORPUS.annotation, fitted)))


def check_lengths() -> None:
    """End the run where there are test names of unknown length."""
    unknown = [name for name in TEST_NAMES if not may_have_length(name)]
    # Of a list without one known name the survey says what is probably meant.
    if not IS_DEMO and len(unknown) < len(TEST_NAMES):
        call_or_exit(check_test_lengths, unknown)


def may_have_length(name: str) -> bool:
    """Return whether a list, a folder of crops or a container can tell the length of a name's video."""
    listed = name in lists().frames or name in lists().sample
    return listed or bool(CORPUS.crop_folder(name) or CORPUS.containers(name))


def check_crop_making(wildcards) -> list[str]:
    """End the run before the first job where no crops can be made."""
    call_or_exit(find_detector, config["cropping"]["detector"])
    return []


@cache
def check_given_models() -> None:
    """End the run where the given models cannot be used, or there is nothing that they should predict."""
    refuse_faults()
    call_or_exit(check_prediction, config, CORPUS)
    check_lengths()
    if workflow.is_main_process:
        # Not in every job: torch is imported for seconds.
        if caveat := call_or_exit(check_models, MODELS, config):
            print(f"What the given models predict: {caveat}.", file=sys.stderr)


def corpus_faults(wildcards) -> list[str]:
    """Return the faults of the corpus as a whole that stop a run; only the doctor goes on."""
    return [symptom.complaint for symptom in survey_with_lists().blocking()]


def refuse_faults() -> None:
    """End the run where the corpus as a whole has faults, of which what is missing for a stage may be a consequence."""
    # Not for the doctor, who reads the audit's files all the same.
    call_or_exit(survey_with_lists().refuse, config["strict"])
    if config["strict"] and workflow.is_main_process:
        # What is not to be audited again; of the other names, the table of the audit says it.
        audited_names = [name for name in NAMES if name not in pending("audit")]
        rows = [RECORDS["audit"].read(name)["row"] for name in audited_names]
        call_or_exit(refuse_unusable, rows, "snakemake doctor")


def refuse_submission() -> None:
    """End the run where there is nothing to submit."""
    refuse_faults()
    call_or_exit(check_submission, CORPUS)


def refuse_training() -> None:
    """End the run where there is nothing to train on."""
    refuse_faults()
    call_or_exit(check_training, config, CORPUS)


def refuse_search() -> None:
    """End the run where there is nothing to search, or nothing to train on."""
    refuse_training()
    call_or_exit(check_search, config, check_length_of_windows)


def checked(check, paths):
    """Return an input function: a path (or a function that gives paths), after a check that may end the run."""

    def paths_or_exit(wildcards) -> str | list[str]:
        """Return the paths for these wildcards, or end the run with what the check finds."""
        check()
        return paths(wildcards) if callable(paths) else paths.format(**wildcards)

    return paths_or_exit
