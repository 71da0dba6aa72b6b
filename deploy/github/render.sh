#!/usr/bin/env bash
# Whether what is committed is what the specs render to.
set -euo pipefail
source "$GITHUB_ACTION_PATH/deploy/github/plainly.sh"
gen="$RUNNER_TEMP/kubelb-gen/bin/kubelb-gen"

code=0
if [[ -n $OUTPUT ]]; then
    listed="$RUNNER_TEMP/kubelb-gen.listed"
    plainly "$gen" render --quiet --check "--output=$OUTPUT" -- "$SPECS" >"$listed" || code=$?
    defused <"$listed"
fi
if ((code == 1)); then
    echo '::error title=kubelb-gen::rendered files are not what their specs render to'
fi
printf 'code=%s\n' "$code" >>"$GITHUB_OUTPUT"
