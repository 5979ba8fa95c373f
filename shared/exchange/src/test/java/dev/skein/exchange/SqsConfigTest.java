package dev.skein.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.audit.AuditConfig;
import dev.skein.aws.AwsEndpoint;
import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SqsConfigTest {
  private static final Map<String, String> QUEUE =
      Map.of("AUDIT_QUEUE_URL", "https://sqs.x/1/q", "AWS_REGION", "eu-west-1");

  private static Optional<SqsConfig> config(Map<String, String> more) {
    var all = new HashMap<>(QUEUE);
    all.putAll(more);
    var settings = new Settings(all);
    return SqsConfig.from(settings, AuditConfig.from(settings));
  }

  @Test
  void byDefaultSkeinsOwnClientSendsToTheRegionsEndpoint() {
    var endpoint =
        new AwsEndpoint(URI.create("https://sqs.eu-west-1.amazonaws.com/"), "sqs", "eu-west-1");

    assertThat(config(Map.of()))
        .contains(
            new SqsConfig(
                SqsConfig.Client.HTTP, "https://sqs.x/1/q", endpoint, Duration.ofMillis(1500)));
  }

  @Test
  void theSdksClientIsSelectable() {
    assertThat(config(Map.of("AUDIT_QUEUE_CLIENT", "sdk")).orElseThrow().client())
        .isEqualTo(SqsConfig.Client.SDK);
  }

  @Test
  void anUnknownClientIsRejected() {
    assertThatThrownBy(() -> config(Map.of("AUDIT_QUEUE_CLIENT", "boto")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("AUDIT_QUEUE_CLIENT is \"boto\" but must be one of http, sdk");
  }

  @Test
  void withoutAQueueNothingElseIsRequired() {
    var settings = new Settings(Map.of("AUDIT_MODE", "log"));

    assertThat(SqsConfig.from(settings, AuditConfig.from(settings))).isEmpty();
  }

  @Test
  void anotherAddressKeepsTheRest() {
    var here = URI.create("http://127.0.0.1:1");
    var real = config(Map.of("AUDIT_QUEUE_CLIENT", "sdk")).orElseThrow();

    assertThat(real.at(here))
        .isEqualTo(
            new SqsConfig(
                SqsConfig.Client.SDK,
                "http://127.0.0.1:1/queue",
                new AwsEndpoint(URI.create("http://127.0.0.1:1/"), "sqs", "eu-west-1"),
                Duration.ofMillis(1500)));
  }
}
