/**
 * Every word of the page, in English. Words of the protocol stay the RFC's in every language.
 * @module
 */

import type { Side, StepNumber } from "../../adapters/cli/step.ts";

/** What a language has to say. */
export interface Words {
  /** For `<html lang>`. */
  readonly tag: "en" | "zh-Hans";
  readonly title: string;
  readonly subtitle: string;
  readonly roles: Readonly<Record<"client" | "server" | "both", string>>;
  readonly otherLanguage: string;
  readonly themes: Readonly<Record<"auto" | "light" | "dark", string>>;
  readonly theme: string;
  readonly sides: Readonly<Record<Side, string>>;
  readonly client: ClientWords;
  readonly server: ServerWords;
  readonly both: { readonly about: string; readonly run: string; readonly names: string };
  readonly player: PlayerWords;
  readonly steps: Readonly<Record<StepNumber, StepWords>>;
  readonly step: StepPaneWords;
  readonly chart: ChartWords;
  readonly outcome: OutcomeWords;
  readonly failure: FailureWords;
  readonly facts: FactWords;
  readonly copy: string;
  readonly copied: string;
  bytes(count: number): string;
}

export interface ClientWords {
  readonly about: string;
  readonly relay: string;
  readonly target: string;
  readonly path: string;
  readonly trust: string;
  readonly trustExample: string;
  readonly trustOther: string;
  readonly trustOwn: string;
  readonly pem: string;
  readonly connect: string;
  readonly connecting: string;
  readonly badTarget: string;
}

export interface ServerWords {
  readonly about: string;
  readonly names: string;
  readonly mint: string;
  readonly authority: string;
  readonly certificate: string;
  readonly fingerprint: string;
  readonly validUntil: string;
  readonly download: string;
  readonly relay: string;
  readonly listen: string;
  readonly stop: string;
  readonly isWaiting: string;
  readonly isStopped: string;
  readonly commands: string;
  readonly connections: string;
  readonly noConnection: string;
}

export interface PlayerWords {
  readonly label: string;
  readonly start: string;
  readonly previousStep: string;
  readonly previous: string;
  readonly play: string;
  readonly pause: string;
  readonly next: string;
  readonly nextStep: string;
  readonly end: string;
  readonly slider: string;
  readonly nothing: string;
  readonly beginning: string;
  readonly over: string;
  /** Between who did it and what. */
  readonly separator: string;
  sent(name: string): string;
  received(name: string): string;
  state(name: string): string;
  secret(name: string): string;
}

export interface StepWords {
  readonly title: string;
  readonly about: string;
}

export interface StepPaneWords {
  readonly list: string;
  readonly facts: string;
  readonly states: string;
  readonly wire: string;
  readonly both: string;
  readonly alone: string;
  readonly nothingSent: string;
  readonly notYet: string;
  readonly waits: string;
  readonly work: string;
  readonly secrets: string;
  readonly continued: string;
  readonly nonce: string;
  readonly ciphertext: string;
  readonly tag: string;
  readonly inside: string;
  readonly notTapped: string;
  readonly less: string;
  more(count: number): string;
}

export interface ChartWords {
  readonly follow: string;
  readonly whole: string;
  readonly map: string;
  title(side: string): string;
}

export interface OutcomeWords {
  readonly title: string;
  readonly succeeded: string;
  readonly leftEarly: string;
  readonly failed: string;
  readonly pending: string;
  readonly agreed: string;
  readonly request: string;
  readonly response: string;
  readonly keyLog: string;
  readonly keyLogAbout: string;
  readonly time: string;
  readonly sizes: string;
  cut(count: number): string;
}

export interface FailureWords {
  readonly where: string;
  readonly check: string;
  readonly alertSent: string;
  readonly alertReceived: string;
  readonly noAlert: string;
  readonly says: string;
  readonly certificate: string;
  readonly transport: string;
  readonly notTls: string;
  readonly alert: string;
  readonly incompatible: string;
  readonly misbehaved: string;
  readonly truncated: string;
  readonly timeout: string;
  readonly usage: string;
  readonly other: string;
}

export interface FactWords {
  readonly none: string;
  readonly names: string;
  readonly key: string;
  readonly signedWith: string;
  readonly issuer: string;
  readonly validUntil: string;
  readonly verdict: string;
  readonly trusted: string;
  readonly signedContent: string;
  readonly isSigned: string;
  readonly nothingInside: string;
  readonly formula: string;
  readonly sessionHash: string;
  readonly equal: string;
  readonly isEqual: string;
  readonly isUnequal: string;
  readonly otherSide: string;
  readonly sameThere: string;
  readonly cipherChange: string;
  readonly finishedAgrees: string;
  readonly alert: string;
  readonly unreadable: string;
  readonly privateTimesPublic: Readonly<Record<Side, string>>;
  encryptedFrom(side: string): string;
  alertBy(side: string, description: string, level: string): string;
  records(count: number, bytes: number): string;
  sentBy(side: string): string;
}

export const english: Words = {
  tag: "en",
  title: "TLS inside this page",
  subtitle: "A TLS 1.2 handshake in eleven steps, with the real bytes and the chart that runs it",
  roles: { client: "This page is the client", server: "This page is the server", both: "Both in this page" },
  otherLanguage: "中文",
  themes: { auto: "Auto", light: "Light", dark: "Dark" },
  theme: "Theme",
  sides: { client: "Client", server: "Server" },
  client: {
    about: "The page speaks TLS; the relay passes the encrypted bytes on to a TCP server and can't read them.",
    relay: "Relay",
    target: "Server",
    path: "Path",
    trust: "Trusted CA",
    trustExample: "the CA of the example server",
    trustOther: "another CA (the handshake must fail)",
    trustOwn: "certificates in PEM",
    pem: "Trusted certificates, in PEM",
    connect: "Connect",
    connecting: "Connecting…",
    badTarget: "Give a host and a port, as in localhost:443",
  },
  server: {
    about:
      "The page makes a certificate and waits at the relay; whoever connects to the relay's TCP port reaches the page.",
    names: "Names in the certificate",
    mint: "Make a new certificate",
    authority: "CA",
    certificate: "Certificate",
    fingerprint: "SHA-256",
    validUntil: "Valid until",
    download: "Save the CA (PEM)",
    relay: "Relay, reverse side",
    listen: "Wait for connections",
    stop: "Stop",
    isWaiting: "Waiting for the next connection",
    isStopped: "Not waiting",
    commands: "then run one of these:",
    connections: "Connections",
    noConnection: "No connection yet",
  },
  both: {
    about: "A client in a Worker and the server in this page, joined by a MessagePort: no relay, no network.",
    run: "Shake hands",
    names: "Name of the server",
  },
  player: {
    label: "Replay",
    start: "To the beginning",
    previousStep: "Previous step",
    previous: "Back",
    play: "Replay slowly",
    pause: "Pause",
    next: "Forward",
    nextStep: "Next step",
    end: "To the end",
    slider: "Moment of the connection",
    nothing: "Nothing has happened yet",
    beginning: "Before the first byte",
    over: "The connection is over",
    separator: " ",
    sent: (name) => `sends ${name}`,
    received: (name) => `receives ${name}`,
    state: (name) => `is in ${name}`,
    secret: (name) => `has the ${name}`,
  },
  steps: {
    1: {
      title: "Client Hello",
      about: "The client begins: a random number, and what it can do, best first. Nothing is secret yet.",
    },
    2: {
      title: "Server Hello",
      about: "The server chooses one cipher suite of those offered and adds a random number of its own.",
    },
    3: {
      title: "Server Certificate",
      about: "Who the server is: a public key with names, signed by a CA. The client checks it before it goes on.",
    },
    4: {
      title: "Server Key Exchange",
      about:
        "A key made for this connection only. It is signed with the key of the certificate: so it comes from the " +
        "server, and is fresh, as both randoms are signed too.",
    },
    5: {
      title: "Server Hello Done",
      about: "An empty message: the server has said what it has to say, now it is the client's turn.",
    },
    6: {
      title: "Client Key Exchange",
      about: "The client's own key for this connection. Only its public half is sent.",
    },
    7: {
      title: "Both compute the same Pre-Master Secret",
      about:
        "Each side multiplies its private key with the other's public key. The results are equal, and were never sent.",
    },
    8: {
      title: "Master Secret and Session Keys",
      about: "The PRF turns the pre-master secret into the master secret, and that into a key for each direction.",
    },
    9: {
      title: "Client Change Cipher Spec and Finished",
      about: "From here on the client encrypts. Finished proves that it has the keys and saw the same messages.",
    },
    10: {
      title: "Server Change Cipher Spec and Finished",
      about: "The server does the same. When the client has checked its Finished, both know whom they speak with.",
    },
    11: {
      title: "Encrypted application data",
      about:
        "The request and the response as they are, and as they travel. close_notify says that nothing was cut off.",
    },
  },
  step: {
    list: "The eleven steps",
    facts: "What it says",
    states: "Where the chart stands",
    wire: "On the wire",
    both: "in both directions",
    alone: "each for itself",
    nothingSent: "nothing sent",
    notYet: "This step hasn't come yet.",
    waits: "waits",
    work: "work",
    secrets: "Secrets, shown because this is a lecture: whoever has them can read the connection.",
    continued: "continued",
    nonce: "nonce_explicit",
    ciphertext: "ciphertext",
    tag: "authentication tag",
    inside: "Inside the encryption",
    notTapped: "Not on the wire yet",
    less: "Show less",
    more: (count) => `Show ${count} more bytes`,
  },
  chart: {
    follow: "Follow",
    whole: "Whole chart",
    map: "Map of the chart",
    title: (side) => `Chart of the ${side.toLowerCase()}`,
  },
  outcome: {
    title: "Result",
    succeeded: "Connected and closed in good order",
    leftEarly: "Connected; the client left without close_notify",
    failed: "The connection failed",
    pending: "The connection is open",
    agreed: "Agreed",
    request: "Request, as it was before encryption",
    response: "Response, as it was after decryption",
    keyLog: "Key log line, for Wireshark",
    keyLogAbout: "With this line in a file, Wireshark (Preferences, TLS, (Pre)-Master-Secret log) decrypts a capture.",
    time: "Time",
    sizes: "On the wire",
    cut: (count) => `… ${count} more bytes`,
  },
  failure: {
    where: "State of the chart",
    check: "Check that failed",
    alertSent: "Alert sent",
    alertReceived: "Alert received",
    noAlert: "none",
    says: "Why",
    certificate: "The certificate isn't trusted. The page stopped before any secret was agreed on.",
    transport:
      "There is no way to the other side: the relay refused the target or can't be reached, or the line broke.",
    notTls: "What came is no TLS: the other side speaks another protocol.",
    alert: "The other side ended the connection with an alert.",
    incompatible: "The two sides have nothing in common.",
    misbehaved: "The other side broke a rule of the protocol.",
    truncated: "The line ended without close_notify: something may be cut off.",
    timeout: "The other side took too long.",
    usage: "This can't be begun with these settings.",
    other: "Something unexpected happened.",
  },
  facts: {
    none: "none",
    names: "names",
    key: "public key",
    signedWith: "signed with",
    issuer: "issued by",
    validUntil: "valid until",
    verdict: "verdict",
    trusted: "trusted: signatures, dates, usage and name are right",
    signedContent: "signed",
    isSigned: "client random + server random + curve + public key",
    nothingInside: "nothing",
    formula: "formula",
    sessionHash: "session hash",
    equal: "equal",
    isEqual: "yes, byte for byte, on both sides",
    isUnequal: "NO: the two sides differ",
    otherSide: "the other side",
    sameThere: "gets the same; neither it nor a private key was sent",
    cipherChange: "cipher change",
    finishedAgrees: "the receiver gets the same: nobody has changed a message",
    alert: "alert",
    unreadable: "can't be read",
    privateTimesPublic: {
      client: "client's private key × server's public key",
      server: "server's private key × client's public key",
    },
    encryptedFrom: (side) => `from here on, everything that the ${side.toLowerCase()} sends is encrypted`,
    alertBy: (side, description, level) => `${side}: ${description} (${level})`,
    records: (count, bytes) => `${count} ${count === 1 ? "record" : "records"}, ${bytes.toLocaleString("en")} bytes`,
    sentBy: (side) => `${side.toLowerCase()} sent`,
  },
  copy: "Copy",
  copied: "Copied",
  bytes: (count) => count === 1 ? "1 byte" : `${count.toLocaleString("en")} bytes`,
};
