"""Completion of commands, options and paths in a shell."""

from __future__ import annotations

from typing import Literal

Shell = Literal["bash", "zsh", "fish"]


def completion(shell: Shell, /) -> int:
    """Print a script that completes commands, options and paths.

    Load it in the shell, or in the file that the shell reads when it starts: ~/.bashrc, ~/.zshrc
    (after compinit) or ~/.config/fish/config.fish.

    Parameters
    ----------
    shell
        The shell that the script is for.

    Returns
    -------
    int
        0 always.

    Examples
    --------
    source <(mimamo completion bash)
    source <(mimamo completion zsh)
    mimamo completion fish | source
    """
    # The script is made of all commands, of which this is one.
    from mimamo.cli import app

    print(_adapted(app.generate_completion(shell=shell), shell))
    return 0


def _adapted(script: str, shell: Shell) -> str:
    """Let bash complete paths as it does for other commands, and zsh know of a script that is sourced."""
    if shell == "bash":
        # Where there is no reply, bash completes paths by itself: with blanks and ~, and on into folders.
        script = script.replace('COMPREPLY=( $(compgen -f -- "${cur}") )', "COMPREPLY=()")
        return script.replace("complete -F", "complete -o default -F")
    if shell == "zsh":
        return f"{script}\ncompdef _cyclopts_mimamo mimamo"
    return script
