/** Renders text and tables as Markdown. */

/** Escapes the characters that Markdown would take for markup. */
export const escaped = (text: string): string => text.replaceAll(/[\\*<|[\]]/g, "\\$&");

export const code = (text: string): string => `\`${text}\``;

/** Renders a table. The cells are Markdown already; only `|` is escaped in them. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Formats the text with `deno fmt`, so that the format check passes. */
export async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { stdout } = await child.output();
  return new TextDecoder().decode(stdout);
}
