/** Text and tables as Markdown. */

/** Text in which no character is taken for markup. */
export const escaped = (text: string): string => text.replaceAll(/[\\*<|[\]]/g, "\\$&");

export const code = (text: string): string => `\`${text}\``;

/** A table; its cells are Markdown already, and a `|` in them is escaped here. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The text as `deno fmt` lays it out, so that the check of the format has nothing to say. */
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
