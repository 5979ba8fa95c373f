/**
 * The audit trail of the whole service while everything fails that can: the queue, the table, and
 * the processes of the functions.
 */
@NullMarked
package dev.skein.local.chaos;

import org.jspecify.annotations.NullMarked;
