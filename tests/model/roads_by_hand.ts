/**
 * The legal roads to application data, written by hand from the RFCs and from nothing else: tests that are derived from a
 * chart can't judge the chart. Whoever changes a chart changes this file in the same commit, by hand, with the RFCs open.
 * What states do beside the roads is in by_hand.ts.
 * @module
 */

import type { Role } from "../support/scripted_phrases.ts";
import type { Facts } from "./role_model.ts";

/**
 * A handshake in the manner of the RFCs' figures. One line per event: `<` the peer's message, `?` a check's answer, below
 * it what a ServerHello announces; behind the colon what the event makes us do: `>` is our message, `{…}` is protected by
 * the new keys, a star says (as in the RFCs) "not always sent", and other words are the charts' commands.
 * A line with something in its margin is there in these cases only. One case of each list holds, whatever the others are:
 * every choice is one road to application data, and there are no other roads.
 */
export interface Score {
  readonly cases: readonly (readonly string[])[];
  /** The cases that the configuration rules out. */
  readonly without?: (facts: Facts) => readonly string[];
  readonly lines: string;
}

/** RFC 5246 §7.3, figure 1. */
const clientFull: Score = {
  cases: [
    // A session to offer, or none: RFC 5246 §7.4.1.2. Even if it's offered, the server may want a full handshake.
    ["found", "missing"],
    // RFC 6066 §8, CertificateStatus: not announced; announced and sent; announced, and left out all the same: "a server MAY
    // also choose not to send a "CertificateStatus" message".
    ["plain", "stapled", "left out"],
    // RFC 5246 §7.4.4, §7.4.6, §7.4.8: no CertificateRequest; a certificate for it, then CertificateVerify is a must;
    // none for it, then an empty Certificate is a must, and CertificateVerify has nothing to prove.
    ["unasked", "credential", "no credential"],
    // RFC 5077 §3.3 MUST: "This message MUST be sent if the server included a SessionTicket extension in the ServerHello.
    // This message MUST NOT be sent if the server did not include a SessionTicket extension in the ServerHello."
    ["no ticket", "ticket"],
  ],
  lines: `
                           | app.start: loadSession
                     found | ? sessionFound: recallSession, > ClientHello
                   missing | ? sessionMissing: > ClientHello
                           | < ServerHello: handOver, checkServerHello
                           | ? serverHelloAccepted
         stapled, left out |   announcing CertificateStatus
                    ticket |   announcing NewSessionTicket
                     plain | < Certificate: readCertificate, checkCertificate
                     plain | ? certificateTrusted
                     plain | < ServerKeyExchange: readServerKeyExchange, checkServerKeyExchange
                   stapled | < Certificate: readCertificate
                   stapled | < CertificateStatus: readCertificateStatus, checkCertificate
                   stapled | ? certificateTrusted
                   stapled | < ServerKeyExchange: readServerKeyExchange, checkServerKeyExchange
                  left out | < Certificate: readCertificate
                  left out | < ServerKeyExchange: readServerKeyExchange, checkCertificate
                  left out | ? certificateTrusted: checkServerKeyExchange
                           | ? serverKeyExchangeVerified
                   unasked | < ServerHelloDone: checkServerHelloDone, > ClientKeyExchange, deriveMasterSecret, deriveWriteKeys, > ChangeCipherSpec, protectWriting, > {Finished}
 credential, no credential | < CertificateRequest: checkCertificateRequest
 credential, no credential | < ServerHelloDone: checkServerHelloDone, chooseCredential
 credential, no credential | ? credentialsGiven: pickCredential
                credential | ? credentialChosen: > Certificate, > ClientKeyExchange, deriveMasterSecret, signCertificateVerify
                credential | ? signed: > CertificateVerify, deriveWriteKeys, > ChangeCipherSpec, protectWriting, > {Finished}
             no credential | ? noCredential: > empty Certificate, > ClientKeyExchange, deriveMasterSecret, deriveWriteKeys, > ChangeCipherSpec, protectWriting, > {Finished}
                    ticket | < NewSessionTicket: readNewSessionTicket
                           | < ChangeCipherSpec: protectReading
                           | < {Finished}: checkFinished
                           | ? finishedVerified: storeSession, established`,
};

/** RFC 5246 §7.3, figure 2; RFC 5077 §3.1, figure 2. That the session was offered at all is checkServerHello's to say. */
const clientAbbreviated: Score = {
  cases: [
    ["found", "missing"],
    // RFC 6066 §8: CertificateStatus comes "immediately after the "Certificate" message", and here is none.
    ["plain", "promised in vain"],
    ["no ticket", "ticket"],
  ],
  lines: `
                           | app.start: loadSession
                     found | ? sessionFound: recallSession, > ClientHello
                   missing | ? sessionMissing: > ClientHello
                           | < ServerHello: handOver, checkServerHello
                           | ? sessionResumed: deriveWriteKeys
          promised in vain |   announcing CertificateStatus
                    ticket |   announcing NewSessionTicket
                    ticket | < NewSessionTicket: readNewSessionTicket
                           | < ChangeCipherSpec: protectReading
                           | < {Finished}: checkFinished
                           | ? finishedVerified: > ChangeCipherSpec, protectWriting, > {Finished}, storeSession, established`,
};

/** RFC 5246 §7.3, figure 1. Whether a status or a ticket was agreed on is for the command that sends it. */
const serverFull: Score = {
  cases: [
    // RFC 5246 §7.4.1.2: the client offers no session that is known; or one that may not be resumed.
    ["missing", "refused"],
    // RFC 5246 §7.4.6, §7.4.8: who shows a certificate proves that it has the key; who shows none has nothing to prove.
    ["unasked", "certificate", "no certificate"],
  ],
  without: ({ asksForCertificate }) => asksForCertificate ? ["unasked"] : ["certificate", "no certificate"],
  lines: `
                           | app.start
                           | < ClientHello: inspectClientHello
                           | ? clientHelloInspected: handOver, checkClientHello, loadSession
                   missing | ? sessionMissing: chooseCredential
                   refused | ? sessionFound: checkSession
                   refused | ? sessionRefused: chooseCredential
                           | ? credentialsGiven: negotiate, > ServerHello, > Certificate, > CertificateStatus*, signServerKeyExchange
                   unasked | ? signed: > ServerKeyExchange, > ServerHelloDone
certificate, no certificate | ? signed: > ServerKeyExchange, > CertificateRequest, > ServerHelloDone
certificate, no certificate | < Certificate: checkCertificate
               certificate | ? certificateTrusted
            no certificate | ? certificateAbsent
                           | < ClientKeyExchange: checkClientKeyExchange
   unasked, no certificate | ? clientKeyExchangeAccepted: deriveMasterSecret, deriveWriteKeys
               certificate | ? clientKeyExchangeAccepted: deriveMasterSecret
               certificate | < CertificateVerify: checkCertificateVerify
               certificate | ? certificateVerified: deriveWriteKeys
                           | < ChangeCipherSpec: protectReading
                           | < {Finished}: checkFinished
                           | ? finishedVerified: > NewSessionTicket*, > ChangeCipherSpec, protectWriting, > {Finished}, storeSession, established`,
};

/** RFC 5246 §7.3, figure 2; RFC 5077 §3.1, figure 2. */
const serverAbbreviated: Score = {
  cases: [],
  lines: `
                           | app.start
                           | < ClientHello: inspectClientHello
                           | ? clientHelloInspected: handOver, checkClientHello, loadSession
                           | ? sessionFound: checkSession
                           | ? sessionAccepted: > ServerHello, > NewSessionTicket*, deriveWriteKeys, > ChangeCipherSpec, protectWriting, > {Finished}
                           | < ChangeCipherSpec: protectReading
                           | < {Finished}: checkFinished
                           | ? finishedVerified: established`,
};

/** Every legal way to application data. */
export const scores: { readonly [Name in Role]: readonly Score[] } = {
  client: [clientFull, clientAbbreviated],
  server: [serverFull, serverAbbreviated],
};
