/**
 * The types of all effects that the program has. `lib/system/` implements them, and tests pass in small
 * working fakes. Each part names the ports that it uses, so its type says what it may touch.
 */

export interface Clock {
  now(): Date;
  /** Milliseconds since an arbitrary start. It never goes back, so durations are measured with it. */
  monotonic(): number;
  /** Schedules `callback` to run once after `ms` milliseconds; returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
/** Writes one line; `fields` must hold no secret that is not a `Secret`. */
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** An HTTP client. It rejects only when there was no answer; every status is a value. */
export type Fetch = (request: Request) => Promise<Response>;

/** Answers one HTTP request; `peer` is the IP address at the other end of the connection. */
export type HttpHandler = (request: Request, peer: string) => Promise<Response>;

/** An HTTP server. On abort it accepts no more connections, cuts the open ones at once, and resolves. */
export type ServeHttp = (handler: HttpHandler, options: ServeHttpOptions) => Promise<void>;
export interface ServeHttpOptions {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** Called once, when connections are accepted, with the port in use. */
  readonly onListen?: (port: number) => void;
}

/**
 * Opens a TLS connection, sends nothing, waits for the server's first byte and closes it. Resolves with the
 * name of the alert with which the server ended the connection, as in "CertificateRequired", or with
 * `undefined` if there was none. Rejects if there was no connection, or the server's certificate is wrong.
 */
export type ProbeTls = (options: TlsProbe) => Promise<string | undefined>;
export interface TlsProbe {
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

/** Child processes, started from an argument vector and never through a shell. */
export interface Exec {
  /** Runs a program to its end and captures both streams; `code` is 127 if the program is missing. */
  run(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Runs a program on this process's own streams, so that a person sees it live; returns the exit code. */
  attach(argv: readonly string[], options?: ExecOptions): Promise<number>;
}
export interface ExecOptions {
  readonly cwd?: string;
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that the child does not inherit: their names, or a pattern of names. */
  readonly without?: readonly string[] | RegExp;
  /** On abort the child gets SIGTERM; once it has ended, the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** `true` has the kernel kill the child when this process is killed, and keeps Ctrl-C from the child. */
  readonly diesWithUs?: boolean;
  /** How long after SIGTERM the child gets SIGKILL; default never. */
  readonly graceMs?: number;
  /** For {@linkcode Exec.run}: takes each line of both streams as it comes; nothing is captured then. */
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

/** A file that is open for appending. A write is complete, or it rejects. Call `close` once. */
export interface AppendFile {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Returns a TCP port of loopback on which no program listens at this moment. */
export type FreePort = () => number;

/** The file system. Paths are absolute. A missing file is `undefined`; any other failure rejects. */
export interface Files {
  stat(path: string): Promise<FileInfo | undefined>;
  /** Whether the path itself is a symbolic link, whether or not its target exists. */
  isLink(path: string): Promise<boolean>;
  /** UTF-8 only, byte order mark included; throws `file_not_utf8` with the line that is something else. */
  readText(path: string): Promise<string | undefined>;
  /** Reads at most `length` bytes from `offset`; a negative offset counts from the end. */
  readBytes(path: string, offset?: number, length?: number): Promise<Uint8Array | undefined>;
  /** Replaces the file at once: a reader sees the old text or the new one, never a part. Mode defaults to 0600. */
  writeText(path: string, text: string, options?: WriteOptions): Promise<void>;
  append(path: string, mode?: number): Promise<AppendFile>;
  /** Cuts a file to `length` bytes. */
  truncate(path: string, length: number): Promise<void>;
  /** Resolves once the file's content, or the folder's list of names, would survive a power cut. */
  flush(path: string): Promise<void>;
  /** Renames a file within its folder; it replaces a file of the new name. */
  rename(path: string, to: string): Promise<void>;
  /** Makes the folder and its parents; an existing folder keeps its mode. Mode defaults to 0700. */
  makeDir(path: string, mode?: number): Promise<void>;
  /** Sorted names in a folder; a missing folder has none. */
  list(path: string): Promise<readonly string[]>;
  /** Removes a file or a whole folder; succeeds if it is missing. */
  remove(path: string): Promise<void>;
  /** Changes the owner of a file, a folder, or a link itself. */
  chown(path: string, uid: number, gid: number): Promise<void>;
  /** The same for a folder and all below it. No other user may write there meanwhile: a link would lead out of it. */
  chownTree(path: string, uid: number, gid: number): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  /** Bytes of free space at a path, or `undefined` if the system does not say. */
  freeBytes(path: string): Promise<number | undefined>;
}
export interface WriteOptions {
  readonly mode?: number;
  /** Owner of the new file; default the process's own. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Takes a lock file, and makes it if it is missing. Resolves with `undefined` if another process holds the
 * lock. The lock is released when it is disposed, or when the process ends.
 */
export type LockFile = (path: string) => Promise<Disposable | undefined>;

/** The operator's terminal: results go to stdout, remarks to stderr. */
export interface Terminal {
  /** Whether stdin and stderr are a terminal, so that a question can be asked. */
  readonly interactive: boolean;
  /** Prints a line of the result on stdout. */
  say(line: string): void;
  /** Prints a remark on stderr. */
  note(line: string): void;
  /** Reads all of standard input, for a secret that is piped in. */
  readInput(): Promise<string>;
}

/** Reads an environment variable; an empty one counts as absent. */
export type Env = (name: string) => string | undefined;

/** Returns the seconds since this machine was started. */
export type Uptime = () => number;

/** The user that runs this process. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}
