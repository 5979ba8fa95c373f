package dev.skein.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificates of the stubs, made anew for each run by keytool: a root, an intermediate, and a
 * leaf each for the model (ECDSA P-256, as OpenAI has) and for AWS's services (RSA 2048, as AWS
 * has). Clients trust the root beside the anchors that they trust anyway.
 */
final class Certificates {

  private static final String PASSWORD = "changeit";
  private static final String ANCHOR = "skein-bench-root";

  private final Path folder;

  private Certificates(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes them.
   *
   * @param folder an existing empty folder, which then holds them and the trust stores
   */
  static Certificates create(Path folder) throws IOException, InterruptedException {
    var certificates = new Certificates(folder);
    certificates.generate("root", "EC", "secp384r1", "-ext", "bc:c=ca:true");
    certificates.generate(
        "intermediate", "EC", "secp256r1", "-ext", "bc:c=ca:true,pathlen:0", "-signer", "root");
    certificates.generateLeaf("model", "EC", "secp256r1");
    certificates.generateLeaf("aws", "RSA", "2048");
    certificates.writeTrust();
    return certificates;
  }

  /** Of a server that stands for OpenAI. */
  SSLContext model() {
    return server("model");
  }

  /** Of a server that stands for an AWS service. */
  SSLContext aws() {
    return server("aws");
  }

  /** Of a client in this process. */
  SSLContext client() {
    try {
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(KeyStore.getInstance(trustStore().toFile(), (char[]) null));
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What makes a child process trust the root, whether it is Java, Python or Node. */
  Map<String, String> variables() {
    String bundle = folder.resolve("bundle.pem").toString();
    return Map.of(
        "JAVA_TOOL_OPTIONS", "-Djavax.net.ssl.trustStore=" + trustStore(),
        "SSL_CERT_FILE", bundle,
        "AWS_CA_BUNDLE", bundle,
        "REQUESTS_CA_BUNDLE", bundle,
        "NODE_EXTRA_CA_CERTS", folder.resolve("root.pem").toString());
  }

  private Path trustStore() {
    return folder.resolve("cacerts");
  }

  private Path keys() {
    return folder.resolve("keys.p12");
  }

  private void generateLeaf(String alias, String algorithm, String size)
      throws IOException, InterruptedException {
    generate(
        alias,
        algorithm,
        size,
        "-signer",
        "intermediate",
        "-ext",
        "san=dns:localhost,ip:127.0.0.1",
        "-ext",
        "ku:c=digitalSignature",
        "-ext",
        "eku=serverAuth");
  }

  private void generate(String alias, String algorithm, String size, String... more)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-alias", alias));
    arguments.addAll(List.of("-keyalg", algorithm, "-dname", "CN=Skein bench " + alias));
    arguments.addAll(List.of(algorithm.equals("EC") ? "-groupname" : "-keysize", size));
    arguments.addAll(List.of("-validity", "7", "-keystore", keys().toString()));
    arguments.addAll(List.of(more));
    keytool(arguments);
  }

  private void writeTrust() throws IOException, InterruptedException {
    Path anchors = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
    Files.copy(anchors, trustStore());
    Path root = folder.resolve("root.pem");
    keytool(
        List.of(
            "-exportcert", "-rfc", "-alias", "root", "-keystore", keys() + "", "-file", root + ""));
    keytool(
        List.of(
            "-importcert",
            "-noprompt",
            "-alias",
            ANCHOR,
            "-keystore",
            trustStore() + "",
            "-file",
            root + ""));
    try (OutputStream bundle = Files.newOutputStream(folder.resolve("bundle.pem"))) {
      KeyStore trusted = KeyStore.getInstance(trustStore().toFile(), (char[]) null);
      for (String alias : Collections.list(trusted.aliases())) {
        bundle.write(pem(trusted.getCertificate(alias)).getBytes(UTF_8));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(Certificate certificate) throws GeneralSecurityException {
    String text =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
    return "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n";
  }

  private static void keytool(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    command.addAll(List.of("-storepass", PASSWORD));
    Command.run(command, Map.of());
  }

  /** Sends the leaf and the intermediate, as real servers do, and not the root. */
  private SSLContext server(String alias) {
    try {
      KeyStore all = KeyStore.getInstance(keys().toFile(), PASSWORD.toCharArray());
      Certificate[] chain = all.getCertificateChain(alias);
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, null);
      own.setKeyEntry(
          alias,
          (PrivateKey) all.getKey(alias, PASSWORD.toCharArray()),
          PASSWORD.toCharArray(),
          Arrays.copyOf(chain, chain.length - 1));
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, PASSWORD.toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
