/** What the compose stack and its parts are called, and where its ends are. */

export const COMPOSE_FILE = "docker-compose.bigeye.yml";
export const ORCHESTRATOR_SERVICE = "bigeye-agent-orchestrator";
export const PROXY_SERVICE = "docker-socket-proxy";
export const INTERNAL_NETWORK = "orchestrator-internal";
export const DOCKER_SOCKET = "/var/run/docker.sock";
/** Where the orchestrator finds the Engine API; the name resolves on the internal network only. */
export const PROXY_PORT = 2375;
export const DOCKER_HOST = `tcp://${PROXY_SERVICE}:${PROXY_PORT}`;
/** Uid of the proxy, and the usual one of an image without users; the socket's group is all that it needs. */
export const PROXY_UID = 65532;

/** Name of the network that the agent containers of a project join. */
export const agentNetwork = (project: string): string => `${project}_default`;
