/** tlschart/websocket: the contract over real WebSockets of the package ws, and what only a WebSocket does. */
import { adapterContract } from "./contract.ts";
import { webSocketRuntime } from "./websocket_runtime.ts";
import { wsEnds } from "./websocket_ends.ts";

adapterContract(webSocketRuntime(wsEnds));
