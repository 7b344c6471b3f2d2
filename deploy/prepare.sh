#!/usr/bin/env bash
# Makes what compose.yml reads beside itself: .env and secrets/. What is there is left as it is, so that
# a certificate of one's own comes first: secrets/tls_certificate (the chain, then its key, PEM) and
# secrets/tls_authority (whom hosts trust for it).
set -euo pipefail

if (($# != 1)) || [[ ! $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9.-]*$ ]]; then
  printf 'usage: ./prepare.sh NAME\n  NAME: the DNS name under which hosts and people reach this machine\n' >&2
  exit 2
fi
readonly name=$1
cd "$(dirname "${BASH_SOURCE[0]}")"

# Nobody else of this machine comes into the folder; the containers' users read what is in it.
mkdir -p -m 0700 secrets
umask 022

# secret NAME TEXT: what is half written has another name.
secret() {
  if [[ -e secrets/$1 ]]; then return; fi
  printf '%s\n' "$2" >"secrets/$1.partial"
  mv "secrets/$1.partial" "secrets/$1"
}

random() { openssl rand -hex 32; }

secret postgres_password "$(random)"
secret temporal_password "$(random)"
secret temporal_api_key "$(random)"
secret plane_database_url "postgres://plane:$(random)@postgres/plane"

if [[ ! -e secrets/tls_certificate ]]; then
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
  secret tls_authority "$(cat "$work/ca.pem")"
  secret tls_certificate "$(cat "$work/pem" "$work/key")"
fi

printf 'BIGEYE_NAME=%s\n' "$name" >.env
