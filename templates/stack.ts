/** Names and addresses of the compose stack and its parts. */

export const COMPOSE_FILE = "docker-compose.bigeye.yml";
export const ORCHESTRATOR_SERVICE = "bigeye-agent-orchestrator";
export const PROXY_SERVICE = "docker-socket-proxy";
export const INTERNAL_NETWORK = "orchestrator-internal";
export const DOCKER_SOCKET = "/var/run/docker.sock";
/** Port of the socket proxy. Its name resolves only on the internal network. */
export const PROXY_PORT = 2375;
export const DOCKER_HOST = `tcp://${PROXY_SERVICE}:${PROXY_PORT}`;
/** Uid of the proxy, the usual one for images without users. The proxy needs only the socket's group. */
export const PROXY_UID = 65532;

/** Returns the network that the agent containers of a project join. */
export const agentNetwork = (project: string): string => `${project}_default`;
