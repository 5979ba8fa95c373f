/**
 * What every AWS SDK client of a function is built with: its HTTP client and its credentials.
 *
 * <p>Enter at {@link dev.skein.aws.SharedSdkHttpClient}.
 */
@NullMarked
package dev.skein.aws;

import org.jspecify.annotations.NullMarked;
