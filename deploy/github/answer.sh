#!/usr/bin/env bash
# Everything has been said by now; the job fails with the first code that is no 0.
set -euo pipefail
for code in "$VALIDATE" "$RENDER" "$DIFF"; do
    ((code == 0)) || exit "$code"
done
