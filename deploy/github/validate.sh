#!/usr/bin/env bash
# Findings as annotations, and as SARIF for code scanning.
set -euo pipefail
source "$GITHUB_ACTION_PATH/deploy/github/plainly.sh"
gen="$RUNNER_TEMP/kubelb-gen/bin/kubelb-gen"
sarif="$RUNNER_TEMP/kubelb-gen.sarif"
options=()
[[ $STRICT != true ]] || options=(--strict)

code=0
plainly "$gen" validate "${options[@]}" --format github -- "$SPECS" || code=$?
plainly "$gen" validate --quiet --format sarif -- "$SPECS" >"$sarif" || true
printf 'code=%s\nsarif=%s\n' "$code" "$sarif" >>"$GITHUB_OUTPUT"
