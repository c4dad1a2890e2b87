/** The little of Cloudflare's platform that is used, so that its types are not needed. */
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

/** Two WebSockets that are joined. */
declare const WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: WebSocket & { accept(): void } };

interface ResponseInit {
  webSocket?: WebSocket;
}
