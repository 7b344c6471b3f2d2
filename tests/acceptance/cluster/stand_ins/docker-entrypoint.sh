#!/bin/bash
# Does what deploy/compose.yml needs of the Postgres image's entry point. On an empty volume it creates the
# cluster with the password from a file, and runs the scripts in /docker-entrypoint-initdb.d with a server
# that listens only on a Unix socket.
set -euo pipefail

data=/var/lib/postgresql/data
if [[ ! -e $data/PG_VERSION ]]; then
  initdb --pgdata=$data --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C
  printf 'host all all all scram-sha-256\n' >>$data/pg_hba.conf
  postgres -D $data -c listen_addresses= -c unix_socket_directories=/var/run/postgresql &
  until pg_isready --quiet --host=/var/run/postgresql; do sleep 0.2; done
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql --host=/var/run/postgresql --username=postgres --no-psqlrc -v ON_ERROR_STOP=1 --file="$file"
  done
  kill -INT $!
  wait $!
fi
exec "$@" -D $data -c 'listen_addresses=*' -c unix_socket_directories=/var/run/postgresql
