/** tlschart/bun: the contract over Bun's own sockets, and what only they can do. Runs under Bun. */
import { adapterContract } from "./contract.ts";
import { bunRuntime } from "./bun_runtime.ts";

adapterContract(bunRuntime);
