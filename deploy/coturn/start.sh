#!/bin/sh
# Starts coturn with turnserver.conf and what is of this server alone: TURN_SECRET, TURN_REALM and PUBLIC_ADDRESS. They are written to a
# file that only its user reads, because a command line can be read by every user of the computer.
set -eu
: "${TURN_SECRET:?is the secret that Booth and coturn share}"
: "${TURN_REALM:?is the name of this server}"
: "${PUBLIC_ADDRESS:?is the public address of this server}"
umask 077
configuration="${TMPDIR:-/tmp}/turnserver.conf"
{
  cat "$(dirname "$0")/turnserver.conf"
  echo "static-auth-secret=$TURN_SECRET"
  echo "realm=$TURN_REALM"
  echo "external-ip=$PUBLIC_ADDRESS"
  echo "allowed-peer-ip=$PUBLIC_ADDRESS"
} > "$configuration"
unset TURN_SECRET
exec turnserver -c "$configuration" "$@"
