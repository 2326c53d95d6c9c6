"""The command line: what a person may want to do without the workflow.

Every command is a function, whose docstring is its help: the summary, the parameters and the examples. They
have no markup, which would come out as words on black. A command imports what it needs when it is called, so
that help, completion and wrong usage do not wait for torch.

Exit codes: 0 all is well, 1 the work failed (a submission is not valid, a file cannot be read or written), 2
the usage or the configuration is wrong.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Group, Parameter

from mimamo import __version__
from mimamo.cli.checks import provenance, validate
from mimamo.cli.help import print_help
from mimamo.cli.imports import import_
from mimamo.cli.prediction import convert, predict
from mimamo.cli.runs import estimate, progress
from mimamo.cli.shell import completion
from mimamo.cli.usage import explain
from mimamo.cli.videos import crop
from mimamo.errors import ConfigError, InputError
from mimamo.jobs.job import start_logging

logger = logging.getLogger(__name__)

#: The commands under the titles that ``mimamo --help`` shows them under, in this order.
GROUPS = {
    "Bring data of your own": (import_, crop),
    "Predict": (predict, convert),
    "Plan and follow a run": (estimate, progress),
    "Check the results": (validate, provenance),
    "Set up the shell": (completion,),
}

app = App(
    name="mimamo",
    help="Valence-arousal estimation on Aff-Wild2: commands that complement the Snakemake workflow.\n\n"
    "The exit status is 0 on success, 1 if the task failed (the submission is invalid, a file cannot be read "
    "or written) and 2 if the usage or the configuration is wrong.",
    version=f"mimamo {__version__}",
    group_parameters=Group.create_default_parameters("Options"),
    # No option has an opposite such as --no-once or --empty-models, and a path is never read as JSON.
    default_parameter=Parameter(negative=(), json_list=False),
)
for title, functions in GROUPS.items():
    group = Group.create_ordered(title)
    for place, function in enumerate(functions):
        app.command(function, group=group, sort_key=place)
# That one of three is needed, and what the argument is called, does not follow from the signatures.
lengths = "--expected CSV|--frame-list FILE|--sample-list FILE"
app["validate"].usage = f"mimamo validate {lengths} [OPTIONS] SUBMISSION"
app["progress"].usage = "mimamo progress [OPTIONS] [FOLDER]"
app["--help"].group = app["--version"].group = Group.create_ordered("Options")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments
        The command line without the program's name; that of the process by default.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    SystemExit
        With code 2 where the usage is wrong, with 0 after ``--help`` and ``--version``.
    """
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    if not tokens:
        print_help(app, tokens, sys.stderr)
        print("mimamo: expected a command, found nothing", file=sys.stderr)
        raise SystemExit(2)
    try:
        command, bound, _ = app.parse_args(tokens, print_error=False, exit_on_error=False)
    except CycloptsError as error:
        print(explain(app, error), file=sys.stderr)
        raise SystemExit(2) from None
    if command == app.help_print:
        print_help(app, bound.arguments["tokens"], sys.stdout)
        raise SystemExit(0)
    if command == app.version_print:
        print(app.version)
        raise SystemExit(0)
    start_logging()
    try:
        return command(*bound.args, **bound.kwargs)
    except InputError as error:
        logger.error("%s", error)
        return 2 if isinstance(error, ConfigError) else 1
