/** HTTP/1.1 as bytes, for requests that `fetch` corrects or refuses to send. */

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const CLOSE = ["Connection: close", "", ""];

/** Sends the lines of a request's head and the body. Returns the response when the server closes. */
export async function rawRequest(
  url: string,
  lines: readonly string[],
  body: Uint8Array = new Uint8Array(),
): Promise<RawAnswer> {
  using connection = await connect(url);
  const head = new TextEncoder().encode([...lines, ...CLOSE].join("\r\n"));
  // The server may respond and close before it has the whole body.
  const sending = send(connection, head).then(() => send(connection, body)).catch(() => {});
  const answer = parsedAnswer(await readAll(connection));
  await sending;
  return answer;
}

/** Sends the text and keeps the connection open. `answer` is the first chunk of the response. */
export async function rawStart(
  url: string,
  text: string,
): Promise<Disposable & { readonly answer: Promise<RawAnswer> }> {
  const connection = await connect(url);
  await send(connection, new TextEncoder().encode(text));
  const buffer = new Uint8Array(65_536);
  const answer = connection.read(buffer).then((size) =>
    parsedAnswer(new TextDecoder().decode(buffer.subarray(0, size ?? 0)))
  );
  // Closing before a response rejects `answer`. A caller that awaits it still gets the error.
  answer.catch(() => {});
  return { answer, [Symbol.dispose]: () => connection.close() };
}

function connect(url: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  return Deno.connect({ hostname, port: Number(port) });
}

async function send(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function readAll(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  for (let size; (size = await connection.read(buffer).catch(() => null)) !== null;) {
    text += decoder.decode(buffer.subarray(0, size), { stream: true });
  }
  return text;
}

function parsedAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...fields] = text.slice(0, end).split("\r\n");
  const headers = new Headers(fields.map((field) => {
    const [name = "", ...value] = field.split(":");
    return [name, value.join(":").trim()] as [string, string];
  }));
  return { status: Number(statusLine.split(" ")[1]), headers, body: text.slice(end + 4) };
}
