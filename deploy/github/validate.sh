#!/usr/bin/env bash
# Findings as annotations, and as SARIF for code scanning.
set -euo pipefail
gen="$RUNNER_TEMP/kubelb-gen/bin/kubelb-gen"
sarif="$RUNNER_TEMP/kubelb-gen.sarif"
options=()
[[ $STRICT != true ]] || options=(--strict)

code=0
"$gen" validate "${options[@]}" --format github -- "$SPECS" || code=$?
"$gen" validate --quiet --format sarif -- "$SPECS" >"$sarif" || true
printf 'code=%s\nsarif=%s\n' "$code" "$sarif" >>"$GITHUB_OUTPUT"
