/** The little of `cloudflare:sockets` that is used, so that no types of the platform are needed. */
declare module "cloudflare:sockets" {
  interface Socket {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    readonly opened: Promise<{ readonly remoteAddress?: string }>;
    readonly closed: Promise<void>;
    close(): Promise<void>;
  }

  export function connect(
    address: { readonly hostname: string; readonly port: number },
    options?: { readonly secureTransport?: "off" | "on" | "starttls"; readonly allowHalfOpen?: boolean },
  ): Socket;
}
