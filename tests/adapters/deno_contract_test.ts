/** tlschart/deno: the contract over the connections that it makes. */
import { adapterContract } from "./contract.ts";
import { denoRuntime } from "./deno_runtime.ts";

adapterContract(denoRuntime);
