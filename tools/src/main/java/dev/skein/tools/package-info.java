/**
 * The operator's tools for the audit trail: {@code replay} sends logged records to the queue, and
 * {@code verify} checks an export against its hash chains.
 */
@NullMarked
package dev.skein.tools;

import org.jspecify.annotations.NullMarked;
