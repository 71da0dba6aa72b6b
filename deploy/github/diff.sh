#!/usr/bin/env bash
# What changes since the base: a file for the comment, and the summary of the job.
set -euo pipefail
source "$GITHUB_ACTION_PATH/deploy/github/plainly.sh"
gen="$RUNNER_TEMP/kubelb-gen/bin/kubelb-gen"
diff="$RUNNER_TEMP/kubelb-gen-diff.md"
: >"$diff"

# It stands in an HTML comment, which two dashes would end.
if [[ ! $NAME =~ ^[A-Za-z0-9._/]+(-[A-Za-z0-9._/]+)*$ ]]; then
    echo '::error title=kubelb-gen::name may hold letters, digits, dots, slashes and single dashes'
    exit 2
fi

code=0
changed=false
# The first push of a branch has a base of zeros.
if [[ $BASE =~ ^[0-9a-f]{40,64}$ && ! $BASE =~ ^0+$ ]]; then
    git cat-file -e "$BASE^{commit}" 2>/dev/null ||
        git fetch --quiet --no-tags --depth=1 origin "$BASE"
    plainly "$gen" diff "--fail-on=$FAIL_ON" --format markdown "--name=$NAME" -- \
        "git:$BASE" "$SPECS" >"$diff" || code=$?
    [[ ! -s $diff ]] || changed=true
    cat "$diff" >>"$GITHUB_STEP_SUMMARY"
fi
printf 'code=%s\nchanged=%s\ndiff=%s\n' "$code" "$changed" "$diff" >>"$GITHUB_OUTPUT"
