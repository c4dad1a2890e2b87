import { median, ratio, takeTurns } from "./measure.ts";
import { nobleProvider } from "../../mod.ts";
for (const i of [0, 2]) {
  const { aead } = nobleProvider.cipherSuites[i]!;
  const key = new Uint8Array(aead.keyLength),
    n = new Uint8Array(12),
    aad = new Uint8Array(13),
    d = new Uint8Array(16384);
  const sealed = aead.seal(key, n, aad, d);
  const mis = new Uint8Array(sealed.length + 8);
  mis.set(sealed, 5);
  const m = mis.subarray(5, 5 + sealed.length);
  const r = await takeTurns(
    [{ name: "aligned", run: () => void aead.open(key, n, aad, sealed) }, {
      name: "mis",
      run: () => void aead.open(key, n, aad, m),
    }, { name: "slice", run: () => void aead.open(key, n, aad, m.slice()) }],
    15,
    60,
  );
  console.log(
    aead.name,
    "mis/aligned",
    ratio(r, "mis", "aligned").toFixed(3),
    "slice/aligned",
    ratio(r, "slice", "aligned").toFixed(3),
    median(r.get("aligned")!) | 0,
  );
}
