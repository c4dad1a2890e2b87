/**
 * All defects of random chains. What OpenSSL and Go say to them, where they don't say the same as we, is in
 * `differences.ts`.
 * @module
 */

import { algorithmDefects, encodingDefects } from "./defects_of_encoding.ts";
import { authorityDefects } from "./defects_of_authorities.ts";
import { extensionDefects, nameDefects } from "./defects_of_extensions.ts";
import { type Defect, ofScene } from "./defect.ts";
import { day, nameOf, withKey } from "./draft.ts";
import { chainKey } from "./keys.ts";

const sceneDefects: readonly Defect[] = [
  ofScene("intermediate missing", { ca: "refused" }, (layout, at) => ({
    ...layout,
    missing: layout.path.slice(at, at + 1),
  })),
  ofScene("root not trusted", { anchor: "refused" }, (layout) => {
    const [anchor] = layout.path.slice(-1);
    if (anchor === undefined) return layout;
    const subject = nameOf([["CN", "Another Root"]]);
    const other = { ...withKey(anchor, chainKey("p256", 95)), signer: chainKey("p256", 95), subject, issuer: subject };
    return { ...layout, trusted: false, sendsAnchor: true, otherAnchors: [...layout.otherAnchors, other] };
  }),
  ofScene("root not trusted, its namesake is", { anchor: "refused" }, (layout) => {
    const [anchor] = layout.path.slice(-1);
    if (anchor === undefined) return layout;
    const other = { ...withKey(anchor, chainKey("p256", 95)), signer: chainKey("p256", 95) };
    return { ...layout, trusted: false, sendsAnchor: true, otherAnchors: [...layout.otherAnchors, other] };
  }),
  ofScene("intermediate trusted as well", { ca: "accepted" }, (layout, at) => ({
    ...layout,
    otherAnchors: [...layout.otherAnchors, ...layout.path.slice(at, at + 1)],
  })),
  ofScene("leaf trusted as well", { leaf: "accepted" }, (layout, at) => ({
    ...layout,
    otherAnchors: [...layout.otherAnchors, ...layout.path.slice(at, at + 1)],
  })),
  ofScene("only the intermediate trusted", { ca: "accepted" }, (layout, at) => ({
    ...layout,
    trusted: false,
    otherAnchors: [...layout.otherAnchors, ...layout.path.slice(at, at + 1)],
  })),
  ofScene("only the leaf trusted", { leaf: "accepted" }, (layout, at) => ({
    ...layout,
    trusted: false,
    otherAnchors: [...layout.otherAnchors, ...layout.path.slice(at, at + 1)],
  })),
  ofScene("another name wanted", { leaf: "refused" }, (layout) => ({ ...layout, serverName: "www.example.net" })),
  ofScene("a label more wanted", { leaf: "refused" }, (layout) => ({ ...layout, serverName: "q.r.s.example.com" })),
  ofScene("another address wanted", { leaf: "refused" }, (layout) => ({ ...layout, serverName: "198.51.100.1" })),
  ofScene("another IPv6 address wanted", { leaf: "refused" }, (layout) => ({ ...layout, serverName: "2001:db8::2" })),
  ofScene("looked at too late", { leaf: "refused" }, (layout) => ({ ...layout, now: layout.now + 400 * day })),
  ofScene("looked at too early", { leaf: "refused" }, (layout) => ({ ...layout, now: layout.now - 400 * day })),
];

export const defects: readonly Defect[] = [
  ...authorityDefects,
  ...extensionDefects,
  ...nameDefects,
  ...algorithmDefects,
  ...encodingDefects,
  ...sceneDefects,
];
