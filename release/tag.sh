#!/usr/bin/env bash
# Refuses a tag that is not this version, or that the changelog does not know: tag.sh TAG
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tag="${1:?name the tag}"
version="$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' kubelb_gen/__init__.py)"
if [[ $tag != "v$version" ]]; then
    echo "error: the tag is '$tag', and the package is version $version" >&2
    exit 1
fi
if ! grep -qF "## $version" CHANGELOG.md; then
    echo "error: CHANGELOG.md has no section '## $version'" >&2
    exit 1
fi
