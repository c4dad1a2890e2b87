// Java's JSSE as a peer for the interop run: both roles, told what to do by lines on its standard input, each a verb
// and name=value fields between tabs. It sends back what it gets, and closes after the line "CLOSE".

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class Peer {
  private static final char[] PASSWORD = "interop".toCharArray();
  private static final Map<String, SSLServerSocket> listeners = new ConcurrentHashMap<>();
  private static final Map<String, SSLSocket> dialed = new ConcurrentHashMap<>();
  private static final Map<String, SSLContext> contexts = new ConcurrentHashMap<>();
  private static final Map<String, Boolean> created = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split("\t");
      Map<String, String> given = new HashMap<>();
      for (String part : Arrays.copyOfRange(parts, 1, parts.length)) {
        int at = part.indexOf('=');
        given.put(part.substring(0, at), part.substring(at + 1));
      }
      String id = given.get("id");
      try {
        switch (parts[0]) {
          case "listen" -> listen(id, given);
          case "dial" -> dial(id, given);
          case "close" -> closeOutput(dialed.get(id));
          case "stop" -> {
            if (listeners.containsKey(id)) listeners.get(id).close();
          }
          default -> throw new IllegalArgumentException(parts[0]);
        }
      } catch (Exception error) {
        say("failed", id, "error=" + error);
      }
    }
    System.exit(0);
  }

  private static synchronized void say(String verb, String id, String... more) {
    StringBuilder line = new StringBuilder(verb + "\tid=" + id);
    for (String field : more) line.append("\t").append(field.replaceAll("[\t\n]", " "));
    System.out.println(line);
    System.out.flush();
  }

  private static void listen(String id, Map<String, String> given) throws Exception {
    SSLContext context = contextOf(given);
    SSLServerSocket listener = (SSLServerSocket)
        context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    SSLParameters parameters = parametersOf(given, listener.getSSLParameters());
    listener.setSSLParameters(parameters);
    listeners.put(id, listener);
    say("listening", id, "port=" + listener.getLocalPort());
    start(() -> {
      while (true) {
        SSLSocket socket = (SSLSocket) listener.accept();
        start(() -> converse(id, socket));
      }
    });
  }

  private static void dial(String id, Map<String, String> given) throws Exception {
    String word = given.getOrDefault("sessions", "");
    SSLContext context = word.isEmpty() ? contextOf(given) : contexts.get(word);
    if (context == null) contexts.put(word, context = contextOf(given));
    int port = Integer.parseInt(given.get("port"));
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
    String name = given.getOrDefault("name", "localhost");
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, port, true);
    SSLParameters parameters = parametersOf(given, socket.getSSLParameters());
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setServerNames(List.of(new SNIHostName(name)));
    socket.setSSLParameters(parameters);
    dialed.put(id, socket);
    start(() -> converse(id, socket));
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void start(Work work) {
    Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (Exception error) {
        // A listener was closed.
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  private static SSLParameters parametersOf(Map<String, String> given, SSLParameters parameters) {
    parameters.setProtocols(new String[] {"TLSv1.2"});
    if (given.containsKey("suites")) parameters.setCipherSuites(given.get("suites").split(","));
    if (given.containsKey("alpn")) parameters.setApplicationProtocols(given.get("alpn").split(","));
    if (given.containsKey("maximumPacketSize")) {
      parameters.setMaximumPacketSize(Integer.parseInt(given.get("maximumPacketSize")));
    }
    String authentication = given.getOrDefault("clientAuthentication", "none");
    if (authentication.equals("optional")) parameters.setWantClientAuth(true);
    if (authentication.equals("required")) parameters.setNeedClientAuth(true);
    return parameters;
  }

  private static SSLContext contextOf(Map<String, String> given) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("NewSunX509");
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, PASSWORD);
    if (given.containsKey("cert")) {
      own.setKeyEntry("own", privateKeyOf(given.get("key")), PASSWORD, certificatesOf(given.get("cert")));
    }
    keys.init(new javax.net.ssl.KeyStoreBuilderParameters(
        KeyStore.Builder.newInstance(own, new KeyStore.PasswordProtection(PASSWORD))));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    KeyStore roots = KeyStore.getInstance("PKCS12");
    roots.load(null, PASSWORD);
    int count = 0;
    for (Certificate certificate : certificatesOf(given.get("ca"))) roots.setCertificateEntry("r" + count++, certificate);
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLSv1.2");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static Certificate[] certificatesOf(String path) throws Exception {
    try (InputStream file = Files.newInputStream(Path.of(path))) {
      return CertificateFactory.getInstance("X.509").generateCertificates(file).toArray(new Certificate[0]);
    }
  }

  private static PrivateKey privateKeyOf(String path) throws Exception {
    String text = Files.readString(Path.of(path)).replaceAll("-----[^-]+-----|\\s", "");
    PKCS8EncodedKeySpec der = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text));
    for (String algorithm : new String[] {"EC", "RSA", "EdDSA"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(der);
      } catch (java.security.spec.InvalidKeySpecException error) {
        // It is another kind of key.
      }
    }
    throw new IllegalArgumentException("unknown key in " + path);
  }

  private static void converse(String id, SSLSocket socket) {
    try {
      socket.setTcpNoDelay(true);
      socket.startHandshake();
      ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
      boolean peerCertificate;
      try {
        peerCertificate = session.getPeerCertificates().length > 0;
      } catch (SSLPeerUnverifiedException error) {
        peerCertificate = false;
      }
      String name = "";
      for (SNIServerName one : session.getRequestedServerNames()) name = ((SNIHostName) one).getAsciiName();
      // JSSE doesn't say whether it resumed; a resumed session was created by an earlier handshake.
      String creation = session.getCreationTime() + " " + id.charAt(0);
      boolean resumed = created.putIfAbsent(creation, true) != null;
      say("seen", id, "suite=" + session.getCipherSuite(), "alpn=" + socket.getApplicationProtocol(), "name=" + name,
          "resumed=" + resumed, "peerCertificate=" + peerCertificate,
          "stapled=" + !session.getStatusResponses().isEmpty());
      echo(socket);
      socket.close();
      say("ended", id);
    } catch (Exception error) {
      say("failed", id, "error=" + error);
      try {
        socket.close();
      } catch (IOException again) {
        // It is closed already.
      }
    }
  }

  private static void closeOutput(SSLSocket socket) throws IOException {
    if (socket != null) socket.shutdownOutput();
  }

  /** Reads and writes at once, so that neither side waits for the other. */
  private static void echo(SSLSocket socket) throws Exception {
    BlockingQueue<byte[]> chunks = new LinkedBlockingQueue<>();
    Thread writer = new Thread(() -> {
      try {
        OutputStream output = socket.getOutputStream();
        for (byte[] chunk = chunks.take(); chunk.length > 0; chunk = chunks.take()) output.write(chunk);
      } catch (IOException | InterruptedException error) {
        // The reader sees it too.
      }
    });
    writer.setDaemon(true);
    writer.start();
    InputStream input = socket.getInputStream();
    byte[] buffer = new byte[1 << 14];
    boolean isClosing = false;
    for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
      if (new String(buffer, 0, count, StandardCharsets.ISO_8859_1).equals("CLOSE\n")) {
        isClosing = true;
        chunks.add(new byte[0]);
        writer.join();
        socket.shutdownOutput();
      } else if (!isClosing && count > 0) {
        chunks.add(Arrays.copyOf(buffer, count));
      }
    }
    chunks.add(new byte[0]);
    writer.join();
  }
}
