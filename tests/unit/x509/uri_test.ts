import { assert, suite } from "../../harness.ts";
import { uriHost, uriSyntaxFault } from "../../../lib/x509/uri.ts";

const test = suite("uri");

test("uriHost is the DNS name in the authority, in lower case, without userinfo and port", () => {
  const right = [
    ["http://example.com", "example.com"],
    ["HTTPS://Host.Example.COM/", "host.example.com"],
    ["http://a.b:8080/x", "a.b"],
    ["http://a.b:/x", "a.b"],
    ["http://user:pass@a.b?c", "a.b"],
    ["http://@a.b#c", "a.b"],
    ["http://c.d@a.b/", "a.b"],
    ["x-y+z.1://a_b.c", "a_b.c"],
    ["spiffe://trust.example/workload@x", "trust.example"],
    ["http://localhost/", "localhost"],
  ] as const;
  for (const [text, host] of right) assert.is(uriHost(text), host, text);
});

test("uriHost is undefined where there is no host, an address, or something to be understood in two ways", () => {
  const none = [
    "",
    "urn:a:b",
    "mailto:a@b.c",
    "//a.b/",
    "a.b",
    "http:a.b",
    "http:/a.b",
    "http://",
    "http:///a.b",
    "://a.b",
  ];
  const addresses = [
    "http://192.0.2.1/",
    "http://[::1]/",
    "http://127.1/",
    "http://2130706433/",
    "http://a.0",
    "x://[v1.a]",
  ];
  const odd = [
    "http://a.b./",
    "http://a..b/",
    "http://a%2eb/",
    "http://*.b/",
    "http://a.b:x/",
    "http://a.b:80:90/",
    "http://c@d@a.b/",
    "http://c\\@a.b/",
    "http://a.b\\@c.d/",
    "http://a.b\n/",
    "http://a .b/",
    " http://a.b/",
    "1http://a.b/",
    "http://ä.b/",
  ];
  for (const text of [...none, ...addresses, ...odd]) assert.is(uriHost(text), undefined, text);
});

// proves RFC 5280 §4.2.1.6: "The name MUST include both a scheme"
// proves RFC 5280 §4.2.1.6: "The name MUST NOT be a relative URI"
test("uriSyntaxFault wants a scheme, something after it, and characters that URIs have", () => {
  for (const right of ["urn:a:b", "mailto:a@b.c", "http://a.b/%20?x=[y]#z", "X:/", "tag:a,2000:b"]) {
    assert.is(uriSyntaxFault(right), undefined, right);
  }
  for (const wrong of ["", ":", "a", "a:", ":a", "/a", "//a.b/", "a.b/c:d", "1a:b", " a:b"]) {
    assert.is(uriSyntaxFault(wrong), "it has no scheme, or nothing after it", wrong);
  }
  for (const wrong of ["a:b c", "a:\n", "a:b\n", "a:%", "a:%2", "a:%xy", "a:<b>", "a:\\", 'a:"', "a:ä", "a:\0"]) {
    assert.is(uriSyntaxFault(wrong), "it has characters that URIs don't have", wrong);
  }
});

// proves RFC 5280 §4.2.1.6: "URIs that include an authority"
test("uriSyntaxFault wants a DNS name or an IP address as the host, where there is an authority", () => {
  for (const right of ["http://a.b", "http://u@192.0.2.1:80/", "http://[2001:db8::1]?x", "ldap://[::1]:389#y"]) {
    assert.is(uriSyntaxFault(right), undefined, right);
  }
  for (const wrong of ["http://", "http:///x", "http://a..b/", "http://1.2.3/", "http://[1.2.3.4]/", "http://[::g]/"]) {
    assert.is(uriSyntaxFault(wrong), "its host is neither a DNS name nor an IP address", wrong);
  }
  for (const wrong of ["http://[::1/", "http://::1/", "http://*.b/", "http://a%2eb/", "http://a.b:x/"]) {
    assert.is(uriSyntaxFault(wrong), "its host is neither a DNS name nor an IP address", wrong);
  }
});

test.run();
