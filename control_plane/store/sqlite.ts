/** SQLite as Deno brings it, in the shape that the query builder's own dialect takes. */

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from "kysely";

/**
 * WAL lets readers go on beside a writer. `synchronous=full` flushes each commit: a trigger that was
 * answered with 201 survives a power cut, not only a crash of the process.
 */
const PRAGMAS = "pragma journal_mode=wal; pragma synchronous=full; pragma busy_timeout=5000; " +
  "pragma foreign_keys=on";

/** Opens, or makes, the database file; `:memory:` is a fresh one that nobody else sees. */
export function sqliteDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path);
  database.exec(PRAGMAS);
  return new SqliteDialect({ database: adapted(database) });
}

function adapted(database: DatabaseSync): SqliteDatabase {
  // The texts come from the query builder with placeholders, so there are a few dozen of them.
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = prepared.get(sql);
      if (known) return known;
      const statement = adaptedStatement(database.prepare(sql));
      if (!DEFINES.test(sql)) prepared.set(sql, statement);
      return statement;
    },
  };
}

const DEFINES = /^(create|alter|drop|pragma)\b/i;

function adaptedStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bindable(parameters)),
    run: (parameters) => statement.run(...bindable(parameters)),
    iterate: (parameters) => statement.iterate(...bindable(parameters)),
  };
}

/** The driver takes texts, numbers and null; a Date would silently become NULL, so it is refused. */
function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (value === null || typeof value === "string" || typeof value === "number") return value;
    throw new TypeError(`a ${typeof value} cannot be a column value`);
  });
}
