-- Creates the databases and their owners. The Postgres image runs this on an empty volume. psql reads the
-- passwords from files, so that they appear in no argument and no environment variable.
\set temporal_password `cat /run/secrets/temporal_password`
\set plane_password `sed 's|^postgres://plane:\([^@]*\)@.*|\1|' /run/secrets/plane_database_url`

create role temporal login password :'temporal_password';
create database temporal owner temporal;
create database visibility owner temporal;

create role plane login password :'plane_password';
create database plane owner plane;

-- By default every role may connect to every database.
revoke connect on database temporal, visibility, plane from public;
