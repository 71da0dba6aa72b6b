# shellcheck shell=bash
# Sourced: runs a command whose talk is shown as text.  A runner takes `::` at the start
# of a line, and `##[` anywhere in it, for commands; a spec or a lock may say either.
plainly() {
    local code=0 talk="$RUNNER_TEMP/kubelb-gen.talk"
    "$@" 2>"$talk" || code=$?
    defused <"$talk" >&2
    return "$code"
}

defused() {
    sed -E 's/^([[:space:]]*):/\1\\:/; s/##\[/#\\#[/g'
}
