#!/usr/bin/env bash
# Creates the files that compose.yml reads: .env and secrets/. Existing secrets are kept. To use your own
# certificate, put two PEM files in place before: secrets/tls_certificate (the chain, then the key) and
# secrets/tls_authority (the certificate authority that hosts trust).
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

# Other users of this machine cannot enter the folder. The files are readable for the containers' users.
mkdir -p secrets
chmod 0700 secrets
umask 022

# An empty file counts as missing, and so does a URL with an empty password.
has() { grep -qsv -e '^$' -e ':@' "secrets/$1"; }

# A new certificate would not match an existing authority, and hosts would not trust it.
together() {
  if has "$2" || ! has "$1"; then return; fi
  printf 'Cannot use "secrets/%s" without "secrets/%s"\n' "$1" "$2" >&2
  printf '  Add the missing file, or remove "secrets/%s" to have both created; then try again\n' "$1" >&2
  exit 3
}
together tls_certificate tls_authority
together tls_authority tls_certificate

# secret NAME COMMAND…: writes the command's output to the secret. It writes to another name first, so that a
# secret is never half written.
secret() {
  local text
  if has "$1"; then return; fi
  # Not as an argument of printf, where a failure would not stop the script.
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
  # The authority's key is deleted when this script ends, because it signs nothing else.
  secret tls_authority cat "$work/ca.pem"
  secret tls_certificate cat "$work/pem" "$work/key"
fi

printf 'BIGEYE_NAME=%s\n' "$name" >.env
