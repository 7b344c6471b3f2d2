#!/bin/bash
# Runs Temporal's development server in memory instead of a cluster on Postgres.
set -euo pipefail
[[ -r $TEMPORAL_SERVER_CONFIG_FILE_PATH && -r /run/secrets/temporal_password ]]
export HOME=/tmp
exec temporal server start-dev --headless --ip 0.0.0.0 --port 7233 --log-level error
