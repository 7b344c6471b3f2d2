/** Adapts Deno's built-in SQLite (`node:sqlite`) to Kysely's SQLite dialect. */

import {
  type CompiledQuery,
  type DialectAdapter,
  type QueryCompiler,
  type SelectQueryNode,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteQueryCompiler,
  type SqliteStatement,
} from "kysely";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { reasonOf } from "../../../lib/problems/problem.ts";
import { storeDamaged } from "../../../lib/problems/database.ts";
import { boundValue } from "../tables.ts";
import { isDamage, withDatabaseProblems } from "./faults.ts";

/**
 * WAL lets readers work while a writer writes. `synchronous=full` flushes each commit, so that a trigger
 * answered with 201 survives a power cut. The busy timeout blocks the whole process, but only a foreign
 * program can hold the lock.
 */
const PRAGMAS = [
  "journal_mode=wal",
  "synchronous=full",
  "busy_timeout=500",
  "foreign_keys=on",
];

/**
 * Opens or creates the database file; `:memory:` is a private database. Checks the whole file once, which
 * takes about 2 s per gigabyte.
 * @throws `store_damaged`, and SQLite's errors on opening.
 */
export function sqliteDialect(path: string): SqliteDialect {
  const database = new DatabaseSync(path);
  try {
    // Prepared, because only then does an error have its code.
    for (const pragma of PRAGMAS) database.prepare(`pragma ${pragma}`).all();
    const finding = database.prepare("pragma quick_check(1)").get()?.["quick_check"];
    if (finding !== "ok") throw storeDamaged(path, String(finding));
  } catch (error) {
    database.close();
    throw isDamage(error) ? storeDamaged(path, reasonOf(error)) : error;
  }
  return new LockFreeDialect({ database: adapted(database) });
}

/** SQLite has no locks of rows and needs none: a transaction has the whole database to itself. */
class LockFreeDialect extends SqliteDialect {
  override createAdapter(): DialectAdapter {
    return new WholeMigrationAdapter();
  }

  override createQueryCompiler(): QueryCompiler {
    return new LockFreeCompiler();
  }
}

/**
 * SQLite rolls the making of tables back like anything else, though the query builder says that it does
 * not: migrations are one transaction, so that one which is killed on its way has not begun.
 */
class WholeMigrationAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class LockFreeCompiler extends SqliteQueryCompiler {
  protected override visitSelectQuery({ endModifiers: _, ...node }: SelectQueryNode): void {
    super.visitSelectQuery(node);
  }
}

function adapted(database: DatabaseSync): SqliteDatabase {
  // The texts come from the query builder with placeholders, so there are a few dozen of them.
  const prepared = new Map<string, SqliteStatement>();
  const flush = flushing(database);
  return {
    close: () => database.close(),
    prepare(sql) {
      // On a full disk SQLite has rolled back by itself, and would fail a second time.
      if (sql === "rollback" && !database.isTransaction) return NOTHING;
      const known = prepared.get(sql);
      if (known) return known;
      const before = READS.test(sql) ? () => {} : () => flush(!isUnflushed(sql));
      const statement = adaptedStatement(withDatabaseProblems(() => database.prepare(sql)), before);
      if (!DEFINES.test(sql)) prepared.set(sql, statement);
      return statement;
    },
  };
}

/** Says whether the next write is flushed. Most are as the one before them, so it is said when it changes. */
function flushing(database: DatabaseSync): (wanted: boolean) => void {
  let isOn = true;
  return (wanted) => {
    if (wanted === isOn) return;
    database.exec(`pragma synchronous=${wanted ? "full" : "normal"}`);
    isOn = wanted;
  };
}

/** What writes nothing, whatever is said of flushing. */
const READS = /^select\b/i;
const DEFINES = /^(create|alter|drop|pragma)\b/i;

const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

function adaptedStatement(statement: StatementSync, before: () => void): SqliteStatement {
  const doing = <T>(work: () => T): T =>
    withDatabaseProblems(() => {
      before();
      return work();
    });
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => doing(() => statement.all(...bindable(parameters))),
    run: (parameters) => doing(() => statement.run(...bindable(parameters))),
    iterate: (parameters) => doing(() => statement.iterate(...bindable(parameters))),
  };
}

function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map(boundValue);
}

const MARK = "/* relaxedDurability */ ";

/**
 * The same write, which does not wait for the disk on SQLite, where that holds up the whole process; a
 * crash of the process alone loses nothing. The next write that is flushed takes this one along. Not for
 * a transaction. On Postgres others go on meanwhile, so nothing is different there.
 */
export function relaxedDurability<T>(query: CompiledQuery<T>): CompiledQuery<T> {
  return { ...query, sql: MARK + query.sql };
}

export function isUnflushed(sql: string): boolean {
  return sql.startsWith(MARK);
}
