/** HTTP/1.1 as bytes, for requests that `fetch` puts right or refuses to send. */

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends the lines of a request's head, and answers what comes until the server closes. */
export async function rawRequest(url: string, lines: readonly string[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [...lines, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(head));
  const bytes: number[] = [];
  const buffer = new Uint8Array(65_536);
  for (let size; (size = await connection.read(buffer)) !== null;) {
    bytes.push(...buffer.subarray(0, size));
  }
  return parsedAnswer(new TextDecoder().decode(new Uint8Array(bytes)));
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
