#!/bin/sh
# Generated from blueprint docs/validate.sh; change platform.yaml or overlays/ instead of this file.
# What a pull request must pass: the spec is valid, the policies hold on their examples, every folder builds.
set -eu
cd "$(dirname "$0")/.."
for tool in platform kubectl; do
  command -v "$tool" >/dev/null || { echo "validate: \`$tool\` is not on PATH of this runner" >&2; exit 6; }
done
platform validate
platform test
find . -name kustomization.yaml -not -path './overlays/*' | sort | while read -r file; do
  kubectl kustomize "$(dirname "$file")" >/dev/null
done
