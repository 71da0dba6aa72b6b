#!/usr/bin/env bash
# Whether what is committed is what the specs render to.
set -euo pipefail
gen="$RUNNER_TEMP/kubelb-gen/bin/kubelb-gen"

code=0
if [[ -n $OUTPUT ]]; then
    "$gen" render --quiet --check "--output=$OUTPUT" -- "$SPECS" || code=$?
fi
if ((code == 1)); then
    echo '::error title=kubelb-gen::rendered files are not what their specs render to'
fi
printf 'code=%s\n' "$code" >>"$GITHUB_OUTPUT"
