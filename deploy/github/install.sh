#!/usr/bin/env bash
# Installs the action's own kubelb-gen, with dependencies of known hashes alone.
set -euo pipefail
home="$RUNNER_TEMP/kubelb-gen"
"$PYTHON" -m venv --without-pip "$home"
pip=("$PYTHON" -m pip "--python=$home" --quiet --disable-pip-version-check install)
"${pip[@]}" --require-hashes --only-binary :all: \
    --requirement "$GITHUB_ACTION_PATH/requirements/build.txt"
"${pip[@]}" --no-deps --no-index --no-build-isolation "$GITHUB_ACTION_PATH"
