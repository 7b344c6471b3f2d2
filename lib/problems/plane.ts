/** Problems that keep the control plane, its Temporal server or its gateway from running. */

import { Problem } from "./problem.ts";

export function dataFolderOpen(path: string, mode: number): Problem {
  return new Problem({
    code: "data_folder_open",
    message: `Cannot keep keys in "${path}": its mode ${mode.toString(8)} gives other users access`,
    hint: `Name a separate folder with --data, or run "chmod 700 ${path}" if it is one`,
    exit: "prerequisite",
  });
}

export function dataFolderInUse(path: string): Problem {
  return new Problem({
    code: "data_folder_in_use",
    message: `Cannot start a second control plane on "${path}": another one uses it`,
    hint: "Stop that one first, or name another folder with --data",
    exit: "conflict",
  });
}

export function dataFolderUnnamed(): Problem {
  return new Problem({
    code: "data_folder_unnamed",
    message: "Cannot find the data folder: none was named",
    hint: "Name a folder with --data DIR, or set BIGEYE_PLANE_DATA",
    exit: "usage",
  });
}

export function addressUnusable(address: string, cause: unknown): Problem {
  return new Problem({
    code: "address_unusable",
    message: `Cannot listen on "${address}"`,
    hint: "Stop what listens there, or name another HOST:PORT with --listen",
    exit: "prerequisite",
    cause,
  });
}

export function planeStopping(): Problem {
  return new Problem({
    code: "stopping",
    message: "Cannot accept requests: the control plane is stopping",
    hint: "Send the request again in a few seconds",
    exit: "failed",
    status: 503,
    retryable: true,
  });
}

export function planeUnwell(url: string, reason: string): Problem {
  return new Problem({
    code: "plane_unwell",
    message: `Cannot confirm that the control plane at ${url} is healthy: ${reason}`,
    hint:
      'Check that "bigeye-control-plane serve" runs and listens there; its log is on its stderr',
    exit: "failed",
  });
}

/** The program that the control plane starts when no Temporal address is set is missing. */
export function temporalServerMissing(program: string): Problem {
  return new Problem({
    code: "temporal_server_missing",
    message: `Cannot start a Temporal server: there is no program "${program}"`,
    hint: "Install the Temporal CLI (https://docs.temporal.io/cli), or name its program with " +
      "--temporal-server, or set --temporal-address to an existing Temporal",
    exit: "prerequisite",
  });
}

/** `setpriv` is missing; it ends the Temporal server when the control plane is killed. */
export function launcherMissing(): Problem {
  return new Problem({
    code: "temporal_launcher_missing",
    message: 'Cannot start a Temporal server: there is no program "setpriv" on the PATH',
    hint: 'Run "apt-get install util-linux", or set --temporal-address to an existing Temporal',
    exit: "prerequisite",
  });
}

/** The details are the last lines of its output. */
export function temporalServerEnded(program: string, words: readonly string[]): Problem {
  return new Problem({
    code: "temporal_server_ended",
    message: `Cannot keep the Temporal server running: "${program}" has ended`,
    hint: "Read its output above; or set --temporal-address to an existing Temporal",
    exit: "prerequisite",
    details: words.map((message) => ({ message })),
  });
}

export function temporalServerSilent(address: string, seconds: number): Problem {
  return new Problem({
    code: "temporal_server_silent",
    message:
      `Cannot reach the Temporal server at "${address}": it has not answered for ${seconds} s`,
    hint: "Check that this machine has free memory and CPU, and start the control plane again",
    exit: "prerequisite",
  });
}

export function haproxyMissing(): Problem {
  return new Problem({
    code: "haproxy_missing",
    message:
      "Cannot start the gateway: the program haproxy or setpriv is neither on the PATH nor in /usr/sbin",
    hint:
      'Run "apt-get install haproxy util-linux", or do without a gateway: name a Temporal with ' +
      "--temporal-address, and no --gateway-listen",
    exit: "prerequisite",
  });
}

/** HAProxy has ended; the details are the last lines of its output. */
export function gatewayEnded(address: string, words: readonly string[]): Problem {
  return new Problem({
    code: "gateway_ended",
    message: `Cannot keep the gateway on "${address}" open: HAProxy has ended`,
    hint:
      "Read its output above; name another HOST:PORT with --gateway-listen if that one is taken",
    exit: "prerequisite",
    details: words.map((message) => ({ message })),
  });
}

/** Our gateway does not answer at the address, or it refuses a valid certificate. */
export function gatewayUnproven(address: string, reason: string): Problem {
  return new Problem({
    code: "gateway_unproven",
    message: `Cannot prove that the gateway on "${address}" admits only hosts: ${reason}`,
    hint: "Check that this machine reaches that address and that its clock is right",
    exit: "boundary",
  });
}

export function gatewayOpen(address: string, who: string): Problem {
  return new Problem({
    code: "gateway_open",
    message: `Cannot trust the gateway on "${address}": it admits a client with ${who}`,
    hint: "Check which haproxy is first on the PATH, and replace it with the distribution's",
    exit: "boundary",
  });
}
