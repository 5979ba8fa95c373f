package dev.skein.exchange;

import dev.skein.aws.AwsEndpoint;
import dev.skein.base.Settings;
import java.util.Optional;

/**
 * Which secret of AWS Secrets Manager holds the model provider's API key.
 *
 * @param secretId its ARN or its name, from {@code OPENAI_API_KEY_SECRET_ARN}
 */
record SecretConfig(String secretId, AwsEndpoint endpoint) {

  /**
   * Reads the environment.
   *
   * @return empty if {@code OPENAI_API_KEY} is set, which precedes the secret, or if there is none
   * @throws dev.skein.base.InvalidSettingException if a variable is missing or invalid
   */
  static Optional<SecretConfig> from(Settings settings) {
    return settings.text("OPENAI_API_KEY").isPresent()
        ? Optional.empty()
        : settings
            .text("OPENAI_API_KEY_SECRET_ARN")
            .map(id -> new SecretConfig(id, AwsEndpoint.from(settings, "Secrets Manager")));
  }
}
