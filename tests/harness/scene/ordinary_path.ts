/** The PATH as Debian gives it to an ordinary user, whoever runs the tests: without an administrator's programs. */

const SBIN: readonly string[] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

export function ordinaryPath(): string {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.filter((folder) => !SBIN.includes(folder)).join(":");
}
