#!/bin/sh
# Installs what checks the OpenAPI document and the API below build/api-tools: schemathesis and openapi-spec-validator from
# PyPI for the system's Python (which the private root of the daemon's tests has), the linter of Redocly from npm.
set -eu
cd "$(dirname "$0")/../.."
tools=build/api-tools
[ -e $tools/.installed ] && exit 0
rm -rf $tools
mkdir -p $tools/node
/usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --target $tools/python \
  schemathesis==4.32.5 openapi-spec-validator==0.9.0
npm install --prefix $tools/node --ignore-scripts --no-audit --no-fund --loglevel=error @redocly/cli@2.77.0
touch $tools/.installed
