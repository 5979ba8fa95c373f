package dev.skein.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {

  @TempDir private static Path folder;

  private static Certificates certificates;
  private static Upstream upstream;

  @BeforeAll
  static void start() throws Exception {
    certificates = Certificates.create(folder);
    upstream = new Upstream(certificates);
  }

  @AfterAll
  static void stop() {
    upstream.close();
  }

  @Test
  void theModelSendsALeafAndAnIntermediateOnEllipticCurves() throws Exception {
    var response = get(upstream.model(), certificates.client());

    var chain = response.sslSession().orElseThrow().getPeerCertificates();
    assertThat(chain).hasSize(2);
    assertThat(chain[0].getPublicKey().getAlgorithm()).isEqualTo("EC");
    assertThat(((X509Certificate) chain[0]).getSubjectAlternativeNames()).hasSize(2);
  }

  @Test
  void theQueueHasAnRsaKeyAsAwsHas() throws Exception {
    URI queue = URI.create(upstream.variables().get("AWS_ENDPOINT_URL_SQS"));

    var response = get(queue, certificates.client());

    var leaf = response.sslSession().orElseThrow().getPeerCertificates()[0];
    assertThat(leaf.getPublicKey().getAlgorithm()).isEqualTo("RSA");
  }

  @Test
  void aClientWithTheUsualAnchorsAloneDoesNotTrustIt() {
    assertThatExceptionOfType(SSLHandshakeException.class)
        .isThrownBy(() -> get(upstream.model(), SSLContext.getDefault()));
  }

  @Test
  void childrenTrustTheRootBesideTheUsualAnchors() throws Exception {
    var variables = certificates.variables();

    assertThat(variables.get("JAVA_TOOL_OPTIONS")).endsWith("cacerts");
    assertThat(Files.readString(Path.of(variables.get("SSL_CERT_FILE"))).split("BEGIN"))
        .hasSizeGreaterThan(50);
    assertThat(Files.readString(Path.of(variables.get("NODE_EXTRA_CA_CERTS"))).split("BEGIN"))
        .hasSize(2);
  }

  private static HttpResponse<Void> get(URI uri, SSLContext trust)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newBuilder().sslContext(trust).build()) {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding());
    }
  }
}
