"""`jobdeck completion bash|zsh|fish`: a few lines for the shell, which ask `jobdeck __complete` at each Tab."""

from __future__ import annotations

from argparse import Namespace

from tui.errors import ExitCode

# The line up to the cursor goes through an environment variable, since the shells split it in ways of their own
# (bash at each colon, and a job's key has one).
_BASH = """\
# bash completion of jobdeck
_jobdeck() {
    local answer word
    COMPREPLY=()
    answer="$(JOBDECK_LINE="${COMP_LINE:0:COMP_POINT}" "${COMP_WORDS[0]}" __complete bash 2>/dev/null)" || return
    if [ "$answer" = ":files" ]; then
        compopt -o default 2>/dev/null
        return
    fi
    while IFS= read -r word; do
        [ -n "$word" ] && COMPREPLY+=("$word")
    done <<< "$answer"
    case "${COMPREPLY[0]}" in *[:=]) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _jobdeck jobdeck
"""
_ZSH = """\
#compdef jobdeck
# zsh completion of jobdeck
_jobdeck() {
    local answer line
    local -a found shown
    answer="$(JOBDECK_LINE="${(j: :)words[1,CURRENT]}" ${words[1]} __complete zsh 2>/dev/null)" || return
    if [[ "$answer" == ":files" ]]; then
        _files
        return
    fi
    for line in "${(@f)answer}"; do
        [[ -n "$line" ]] || continue
        found+=("${line%%$'\\t'*}")
        shown+=("${line//$'\\t'/  }")
    done
    compadd -d shown -a found
}
if [[ "$funcstack[1]" == "_jobdeck" ]]; then
    _jobdeck "$@"
else
    compdef _jobdeck jobdeck
fi
"""
_FISH = """\
# fish completion of jobdeck
function __jobdeck_complete
    set -lx JOBDECK_LINE (commandline -cp)
    set -l command (commandline -opc)[1]
    set -l answer ($command __complete fish 2>/dev/null)
    if test "$answer" = ":files"
        __fish_complete_path (commandline -ct)
        return
    end
    printf '%s\\n' $answer
end
complete -c jobdeck -f -a '(__jobdeck_complete)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def run(options: Namespace) -> int:
    """Print the lines that the shell reads."""
    print(SCRIPTS[options.shell], end="")
    return int(ExitCode.OK)
