package dev.skein.aws;

import dev.skein.base.InvalidSettingException;
import dev.skein.base.Settings;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The endpoint of an AWS service, and what a signature says of it.
 *
 * @param url has a path, which is {@code /} unless the endpoint was set to another one
 * @param signingName the service's name in signatures, such as {@code sqs}
 * @param region the Region in signatures, such as {@code eu-west-1}
 */
public record AwsEndpoint(URI url, String signingName, String region) {

  /**
   * Reads the variables that the AWS SDK reads, in its order: {@code AWS_ENDPOINT_URL_}<i>service
   * ID</i>, {@code AWS_ENDPOINT_URL}, or else the endpoint of {@code AWS_REGION}, which is
   * required.
   *
   * @param serviceId the SDK's name of the service, such as {@code SQS} or {@code Secrets Manager}
   * @throws InvalidSettingException if a variable is missing or invalid, or asks for a FIPS or
   *     dual-stack endpoint. A URL can name those; the SDK rejects the two together as well
   */
  public static AwsEndpoint from(Settings settings, String serviceId) {
    String signingName = serviceId.replace(" ", "").toLowerCase(Locale.ROOT);
    String variable = "AWS_ENDPOINT_URL_" + serviceId.replace(' ', '_').toUpperCase(Locale.ROOT);
    rejectVariant(settings, "AWS_USE_FIPS_ENDPOINT", variable);
    rejectVariant(settings, "AWS_USE_DUALSTACK_ENDPOINT", variable);
    String region = settings.required("AWS_REGION");
    URI url =
        Stream.of(variable, "AWS_ENDPOINT_URL")
            .map(name -> url(settings, name))
            .flatMap(Optional::stream)
            .findFirst()
            .orElseGet(() -> regional(signingName, region, variable));
    return new AwsEndpoint(url, signingName, region);
  }

  /** The same service at another address. */
  public AwsEndpoint at(URI address) {
    return new AwsEndpoint(withPath(address), signingName, region);
  }

  private static Optional<URI> url(Settings settings, String variable) {
    return settings
        .text(variable)
        .map(text -> Settings.webUrl(text, wrong -> new InvalidSettingException(variable, wrong)))
        .map(AwsEndpoint::withPath);
  }

  private static URI withPath(URI url) {
    return url.getRawPath().isEmpty() ? url.resolve("/") : url;
  }

  private static URI regional(String host, String region, String variable) {
    // The isolated and sovereign partitions have domains of their own.
    if (region.startsWith("us-iso") || region.startsWith("eu-iso") || region.startsWith("eusc-")) {
      throw new InvalidSettingException(variable, "is required in the Region " + region);
    }
    String domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    return URI.create("https://%s.%s.%s/".formatted(host, region, domain));
  }

  private static void rejectVariant(Settings settings, String variable, String instead) {
    if (settings.text(variable).filter("true"::equalsIgnoreCase).isPresent()) {
      throw new InvalidSettingException(
          variable, "is not supported: remove it, and set " + instead + " to that endpoint");
    }
  }
}
