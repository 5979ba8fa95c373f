/**
 * How a function calls AWS: signed JSON calls over its own HTTP client, and what its AWS SDK
 * clients are built with.
 *
 * <p>Enter at {@link dev.skein.aws.AwsJsonClient} and {@link dev.skein.aws.SharedSdkHttpClient}.
 */
@NullMarked
package dev.skein.aws;

import org.jspecify.annotations.NullMarked;
