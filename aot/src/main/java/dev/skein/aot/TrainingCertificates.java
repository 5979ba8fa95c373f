package dev.skein.aot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Certificates for 127.0.0.1, of a certificate authority that is made with them: a chain, as public
 * servers have, is verified by more classes than a single certificate.
 */
final class TrainingCertificates {

  private static final String PASSWORD = "changeit";

  private final Path folder;

  private TrainingCertificates(Path folder) {
    this.folder = folder;
  }

  /** Makes the authority, and a copy of the JDK's trust store with it. */
  static TrainingCertificates make(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    TrainingCertificates made = new TrainingCertificates(folder);
    made.keytool("-genkeypair", "-keyalg", "RSA", "-dname", "CN=training", "-ext", "bc:c", "ca");
    made.keytool("-exportcert", "-rfc", "-file", made.file("ca.pem"), "ca");
    Files.copy(JdkTool.JDK.resolve("lib/security/cacerts"), made.trustStore());
    JdkTool.run(
        "keytool",
        List.of(
            "-importcert",
            "-noprompt",
            "-alias",
            "training",
            "-file",
            made.file("ca.pem"),
            "-keystore",
            made.trustStore().toString(),
            "-storepass",
            PASSWORD));
    return made;
  }

  /** The trust store; its password is the JDK's default. */
  Path trustStore() {
    return folder.resolve("trusted");
  }

  /**
   * A server's context, with a new certificate.
   *
   * @param keyAlgorithm {@code RSA} or {@code EC}
   */
  SSLContext server(String keyAlgorithm)
      throws IOException, InterruptedException, GeneralSecurityException {
    String name = "server-" + keyAlgorithm;
    String request = file(name + ".csr");
    String certificate = file(name + ".pem");
    keytool("-genkeypair", "-keyalg", keyAlgorithm, "-dname", "CN=127.0.0.1", name);
    keytool("-certreq", "-file", request, name);
    String names = "san=ip:127.0.0.1,dns:localhost";
    keytool("-gencert", "-infile", request, "-outfile", certificate, "-ext", names, "ca");
    keytool("-importcert", "-noprompt", "-file", certificate, name);
    return context(name);
  }

  private SSLContext context(String alias) throws IOException, GeneralSecurityException {
    KeyStore all = KeyStore.getInstance("PKCS12");
    char[] password = PASSWORD.toCharArray();
    try (InputStream in = Files.newInputStream(folder.resolve("keys"))) {
      all.load(in, password);
    }
    KeyStore one = KeyStore.getInstance("PKCS12");
    one.load(null, password);
    one.setKeyEntry(alias, all.getKey(alias, password), password, all.getCertificateChain(alias));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(one, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  /** The last argument is the alias. */
  private void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.add(command.size() - 1, "-alias");
    command.addAll(List.of("-keystore", file("keys"), "-storepass", PASSWORD));
    JdkTool.run("keytool", command);
  }
}
