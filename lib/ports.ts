/**
 * Every effect that the program has, as types. `lib/system/mod.ts` makes them real; tests hand in small
 * working fakes. A part names the ports that it uses, so its type says what it may touch.
 */

/** Time. `sleep` rejects with the signal's reason as soon as it aborts. */
export interface Clock {
  now(): Date;
  /** Milliseconds from an arbitrary start; never goes back, so it is what durations are made of. */
  monotonic(): number;
  /** Calls `late` once, so many milliseconds later, unless the function that it answers was called before. */
  after(ms: number, late: () => void): () => void;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
/** Writes one line; `fields` must hold no secret that is not a `Secret`. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** HTTP. Rejects only when there was no answer; every status is a value. */
export type Fetch = (request: Request) => Promise<Response>;

/** What an HTTP server calls; `peer` is the IP address at the other end of the connection. */
export type HttpHandler = (request: Request, peer: string) => Promise<Response>;

/** An HTTP server. Resolves when it has ended; on abort it takes no more and cuts what is still open, at once. */
export type ServeHttp = (handler: HttpHandler, options: ServeHttpOptions) => Promise<void>;
export interface ServeHttpOptions {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** Called once, with the port in use, when connections are accepted. */
  readonly onListen?: (port: number) => void;
}

/**
 * Opens a TLS connection, says nothing, waits for what the server does first, and closes it. Answers the
 * name of the alert that the server ended it with, as in "CertificateRequired", or `undefined` when
 * there was none. Rejects when no connection came about, the server's own certificate included.
 */
export type KnockTls = (options: TlsKnock) => Promise<string | undefined>;
export interface TlsKnock {
  readonly hostname: string;
  readonly port: number;
  /** The authority that the server's certificate must come from, PEM. */
  readonly caPem: string;
  readonly client?: { readonly certificatePem: string; readonly privatePem: string };
  readonly signal: AbortSignal;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Child processes, always by argument vector, never through a shell. */
export interface Exec {
  /** Runs to the end and captures both streams; a missing program is `code` 127. */
  run(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Runs with this process's own streams, so that a person sees it live; answers the exit code. */
  attach(argv: readonly string[], options?: ExecOptions): Promise<number>;
}
export interface ExecOptions {
  readonly cwd?: string;
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names taken out of the inherited environment: these, or all that match. */
  readonly without?: readonly string[] | RegExp;
  /** On abort the child gets SIGTERM and the call rejects with the signal's reason, once it has ended. */
  readonly signal?: AbortSignal;
  /** The kernel kills the child when this process is killed, and a terminal's Ctrl-C does not reach it. */
  readonly diesWithUs?: boolean;
  /** After an abort the child may take that long to end by itself, then it gets SIGKILL; default no limit. */
  readonly graceMs?: number;
  /** Of {@linkcode Exec.run}: takes each line of both streams as it comes; nothing is captured then. */
  readonly onLine?: (line: string) => void;
}

export interface FileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Permission bits, as in 0o600. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** An open file that only grows. `close` may be called once; writes are whole or rejected. */
export interface AppendFile {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** A TCP port of loopback on which nobody listens at this moment. */
export type FreePort = () => number;

/** The file system. Paths are absolute. What is missing is `undefined`; anything else rejects. */
export interface Files {
  stat(path: string): Promise<FileInfo | undefined>;
  /** Whether the path itself is a symbolic link, wherever that leads. */
  isLink(path: string): Promise<boolean>;
  /** UTF-8 only, byte order mark included; throws `file_not_utf8` with the line that is something else. */
  readText(path: string): Promise<string | undefined>;
  /** Reads `length` bytes at most, from `offset`; a negative offset counts from the end. */
  readBytes(path: string, offset?: number, length?: number): Promise<Uint8Array | undefined>;
  /** Writes beside, flushes, renames: a reader sees the old text or the new one. Mode defaults to 0600. */
  writeText(path: string, text: string, options?: WriteOptions): Promise<void>;
  append(path: string, mode?: number): Promise<AppendFile>;
  /** Cuts a file to `length` bytes. */
  truncate(path: string, length: number): Promise<void>;
  /** Resolves when what a file has, or which names a folder has, outlives a power cut. */
  flush(path: string): Promise<void>;
  /** Gives a file another name in its folder, in place of what has that name. */
  rename(path: string, to: string): Promise<void>;
  /** Makes the folder and its parents; an existing folder keeps its mode. Mode defaults to 0700. */
  makeDir(path: string, mode?: number): Promise<void>;
  /** Names in a folder, sorted; a missing folder has none. */
  list(path: string): Promise<readonly string[]>;
  /** Removes a file or a whole folder; a missing one is fine. */
  remove(path: string): Promise<void>;
  /** Gives a file, a folder or a link itself to an owner. */
  chown(path: string, uid: number, gid: number): Promise<void>;
  /** The same with all below a folder, into which nobody else may write meanwhile: a link put in its way would lead elsewhere. */
  chownTree(path: string, uid: number, gid: number): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Bytes that can still be written below a path, or `undefined` where the system does not say. */
  freeBytes(path: string): Promise<number | undefined>;
}
export interface WriteOptions {
  readonly mode?: number;
  /** Owner of the new file; by default that of the process. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Takes a lock file, and makes it if there is none; answers nothing when another process has it. It
 * is let go at its disposal, or with the process.
 */
export type LockFile = (path: string) => Promise<Disposable | undefined>;

/** The person at the other end: results on stdout, remarks on stderr. */
export interface Terminal {
  /** Whether both input and remarks are a terminal, so that a question can be asked. */
  readonly interactive: boolean;
  /** A line of the result, on stdout. */
  say(line: string): void;
  /** A remark, on stderr. */
  note(line: string): void;
  /** All of standard input, for a secret that is piped in. */
  readInput(): Promise<string>;
}

/** Environment variables; an empty one counts as absent. */
export type Env = (name: string) => string | undefined;

/** Who runs this process. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}
