import { assert, suite } from "../../harness.ts";
import { aLabel, encodePunycode } from "../../../lib/x509/punycode.ts";

const test = suite("punycode");

test("encodes the samples of RFC 3492 §7.1", () => {
  const samples = [
    ["ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"],
    ["他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"],
    ["他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"],
    ["Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a"],
    ["למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"],
    ["なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"],
    ["3年B組金八先生", "3B-ww4c5e180e575a65lsy2b"],
    ["Hello-Another-Way-それぞれの場所", "Hello-Another-Way--fc4qua05auwb3674vfr0b"],
    ["MajiでKoiする5秒前", "MajiKoi5-783gue6qz075azm5e"],
    ["パフィーdeルンバ", "de-jg4avhby1noc0d"],
    ["そのスピードで", "d9juau41awczczp"],
    ["-> $1.00 <-", "-> $1.00 <--"],
  ] as const;
  for (const [text, encoded] of samples) assert.is(encodePunycode(text), encoded);
});

test("makes A-labels of labels beyond ASCII only, in lower case and composed", () => {
  assert.is(aLabel("Example"), "example");
  assert.is(aLabel(""), "");
  assert.is(aLabel("Bücher"), "xn--bcher-kva");
  assert.is(aLabel("BU\u0308CHER"), "xn--bcher-kva");
  assert.is(aLabel("рф"), "xn--p1ai");
  assert.is(aLabel("🔑"), "xn--kv8h");
  assert.is(aLabel("公司"), "xn--55qx5d");
});

test.run();
