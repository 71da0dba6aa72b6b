#!/usr/bin/env bash
# Builds what a release holds: build.sh DIR
#
# DIR/dist/ gets the source archive and the wheel, DIR/ the SBOM and SHA256SUMS.  The
# wheel is built a second time, from the source archive, elsewhere and under another
# umask, and has to have the same bytes.  Needs requirements/build.txt and twine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target="${1:?name a folder that is not there, or is empty}"
mkdir -p "$target"
if [[ -n $(ls -A "$target") ]]; then
    echo "error: '$target' is not empty" >&2
    exit 2
fi
target="$(cd "$target" && pwd)"
elsewhere="$(mktemp -d)"
trap 'rm -rf "$elsewhere"' EXIT

# The time of the commit: never that of the build.
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH

python -m hatchling build -d "$target/dist"
(
    umask 077
    export TZ=Pacific/Apia LC_ALL=C PYTHONHASHSEED=7
    tar -xzf "$target"/dist/*.tar.gz -C "$elsewhere"
    cd "$elsewhere"/*/
    python -m hatchling build -t wheel -d "$elsewhere/again"
)
cmp "$target"/dist/*.whl "$elsewhere"/again/*.whl

python -m twine check --strict "$target"/dist/*
version="$(python -c 'import kubelb_gen; print(kubelb_gen.__version__)')"
python release/sbom.py "$version" <requirements/runtime.txt \
    >"$target/kubelb-gen-$version.cdx.json"
(cd "$target" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort |
    xargs -d '\n' sha256sum >"$elsewhere/SHA256SUMS")
mv "$elsewhere/SHA256SUMS" "$target/SHA256SUMS"
