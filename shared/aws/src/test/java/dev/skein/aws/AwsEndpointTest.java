package dev.skein.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsEndpointTest {

  private static AwsEndpoint sqs(Map<String, String> variables) {
    return AwsEndpoint.from(new Settings(variables), "SQS");
  }

  @ParameterizedTest
  @CsvSource({
    "eu-west-1, https://sqs.eu-west-1.amazonaws.com/",
    "us-gov-west-1, https://sqs.us-gov-west-1.amazonaws.com/",
    "cn-north-1, https://sqs.cn-north-1.amazonaws.com.cn/"
  })
  void theEndpointIsTheRegionsUnlessAnotherIsSet(String region, String url) {
    assertThat(sqs(Map.of("AWS_REGION", region)))
        .isEqualTo(new AwsEndpoint(URI.create(url), "sqs", region));
  }

  @ParameterizedTest
  @ValueSource(strings = {"us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"})
  void aRegionOfAnotherPartitionNeedsAnEndpoint(String region) {
    assertThatThrownBy(() -> sqs(Map.of("AWS_REGION", region)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("AWS_ENDPOINT_URL_SQS is required in the Region " + region);
    assertThat(sqs(Map.of("AWS_REGION", region, "AWS_ENDPOINT_URL_SQS", "https://sqs.x")).url())
        .isEqualTo(URI.create("https://sqs.x/"));
  }

  @Test
  void theServicesOwnVariableTakesPrecedenceOverTheOneOfAllServices() {
    var all = Map.of("AWS_REGION", "eu-west-1", "AWS_ENDPOINT_URL", "http://localhost:4566");
    var both = new HashMap<>(all);
    both.put("AWS_ENDPOINT_URL_SQS", "http://localhost:9324/base/");

    assertThat(sqs(all).url()).isEqualTo(URI.create("http://localhost:4566/"));
    assertThat(sqs(both).url()).isEqualTo(URI.create("http://localhost:9324/base/"));
  }

  @Test
  void aServiceWhoseNameHasASpaceHasAnUnderscoreInItsVariable() {
    var settings =
        new Settings(
            Map.of("AWS_REGION", "eu-west-1", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://s.x"));

    assertThat(AwsEndpoint.from(settings, "Secrets Manager"))
        .isEqualTo(new AwsEndpoint(URI.create("https://s.x/"), "secretsmanager", "eu-west-1"));
    assertThat(
            AwsEndpoint.from(new Settings(Map.of("AWS_REGION", "eu-west-1")), "Secrets Manager")
                .url())
        .isEqualTo(URI.create("https://secretsmanager.eu-west-1.amazonaws.com/"));
  }

  @Test
  void anotherAddressKeepsServiceAndRegion() {
    assertThat(sqs(Map.of("AWS_REGION", "eu-west-1")).at(URI.create("http://127.0.0.1:1")))
        .isEqualTo(new AwsEndpoint(URI.create("http://127.0.0.1:1/"), "sqs", "eu-west-1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"})
  void aFipsOrDualStackEndpointIsSetByItsUrl(String variable) {
    assertThat(sqs(Map.of("AWS_REGION", "us-east-1", variable, "false")).url().getHost())
        .isEqualTo("sqs.us-east-1.amazonaws.com");
    assertThatThrownBy(() -> sqs(Map.of("AWS_REGION", "us-east-1", variable, "true")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage(
            variable
                + " is not supported: remove it, and set AWS_ENDPOINT_URL_SQS to that endpoint");
  }

  @Test
  void theRegionIsRequired() {
    assertThatThrownBy(() -> sqs(Map.of()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("AWS_REGION is required but not set");
  }

  @Test
  void anEndpointThatIsNoUrlIsRejectedWithTheNameOfItsVariable() {
    assertThatThrownBy(
            () -> sqs(Map.of("AWS_REGION", "us-east-1", "AWS_ENDPOINT_URL_SQS", "sqs.local:9324")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("AWS_ENDPOINT_URL_SQS must be an absolute http or https URL");
  }
}
