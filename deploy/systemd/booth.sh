#!/bin/sh
# Runs a command of Booth (start, link, secret …) with the Node that set-up brought, or else the system's.
set -eu
cd "$(dirname "$0")/../.."
case "$(uname -m)" in aarch64) processor=arm64 ;; *) processor=x64 ;; esac
node="node_modules/node-linux-$processor/bin/node"
[ -x "$node" ] || node=node
exec "$node" scripts/booth.mjs "$@"
