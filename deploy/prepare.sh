#!/usr/bin/env bash
# Makes what compose.yml reads beside itself: .env and secrets/. What is there is left as it is, so that
# a certificate of one's own comes first, in two files: secrets/tls_certificate (the chain, then its key,
# PEM) and secrets/tls_authority (whom hosts trust for it).
set -euo pipefail

if (($# != 1)) || [[ ! $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9.-]*$ ]]; then
  printf 'usage: ./prepare.sh NAME\n  NAME: the DNS name under which hosts and people reach this machine\n' >&2
  exit 2
fi
if ! command -v openssl >/dev/null; then
  printf 'Cannot make secrets without the command "openssl"\n' >&2
  printf '  Install openssl with your package manager (Debian, Ubuntu: sudo apt-get install openssl), then try again\n' >&2
  exit 3
fi
readonly name=$1
cd "$(dirname "${BASH_SOURCE[0]}")"

# Nobody else of this machine comes into the folder; the containers' users read what is in it.
mkdir -p secrets
chmod 0700 secrets
umask 022

# An empty secret is none, and neither is an address with an empty password.
has() { grep -qsv -e '^$' -e ':@' "secrets/$1"; }

# One that is made would not be the other's, and hosts would trust nobody.
together() {
  if has "$2" || ! has "$1"; then return; fi
  printf 'Cannot use "secrets/%s" without "secrets/%s"\n' "$1" "$2" >&2
  printf '  Put that beside it too, or remove "secrets/%s" to have both made; then try again\n' "$1" >&2
  exit 3
}
together tls_certificate tls_authority
together tls_authority tls_certificate

# secret NAME COMMAND…: what the command prints; what is half written has another name.
secret() {
  local text
  if has "$1"; then return; fi
  # Not in the place of an argument, where its failure would end nothing.
  text=$("${@:2}")
  printf '%s\n' "$text" >"secrets/$1.partial"
  mv "secrets/$1.partial" "secrets/$1"
}

random() { openssl rand -hex 32; }

database_url() {
  local password
  password=$(random) && printf 'postgres://plane:%s@postgres/plane' "$password"
}

secret postgres_password random
secret temporal_password random
secret temporal_api_key random
secret plane_database_url database_url

if ! has tls_certificate; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc)
  openssl req -x509 "${key[@]}" -days 825 -subj '/CN=Bigeye private authority' \
    -addext 'keyUsage=critical,keyCertSign' -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
  openssl req "${key[@]}" -subj "/CN=${name:0:64}" -keyout "$work/key" -out "$work/csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$name" >"$work/extensions"
  openssl x509 -req -in "$work/csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 825 \
    -extfile "$work/extensions" -out "$work/pem" 2>/dev/null
  # The authority's key goes with this script: it signs nothing else.
  secret tls_authority cat "$work/ca.pem"
  secret tls_certificate cat "$work/pem" "$work/key"
fi

printf 'BIGEYE_NAME=%s\n' "$name" >.env
