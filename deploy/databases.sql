-- Run by the image of Postgres on an empty volume: whose each database is. The passwords are read by
-- psql, so that they are in no argument and no variable.
\set temporal_password `cat /run/secrets/temporal_password`
\set plane_password `sed 's|^postgres://plane:\([^@]*\)@.*|\1|' /run/secrets/plane_database_url`

create role temporal login password :'temporal_password';
create database temporal owner temporal;
create database visibility owner temporal;

create role plane login password :'plane_password';
create database plane owner plane;

-- Otherwise each of them may connect to the other's.
revoke connect on database temporal, visibility, plane from public;
