/** The PATH of an ordinary Debian user, without the folders of system programs, also when root runs the tests. */

const SBIN: readonly string[] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

export function ordinaryPath(): string {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.filter((folder) => !SBIN.includes(folder)).join(":");
}
