/**
 * Event to request, response to event, and the problem documents in between.
 *
 * <p>Enter at {@link dev.skein.api.ApiFunction}.
 */
@NullMarked
package dev.skein.api;

import org.jspecify.annotations.NullMarked;
