/**
 * A model server that plays the replies of a test and records the requests, and a proxy that fails
 * in front of an AWS service.
 */
@NullMarked
package dev.skein.faults;

import org.jspecify.annotations.NullMarked;
