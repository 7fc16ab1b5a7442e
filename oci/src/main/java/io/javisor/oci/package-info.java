/**
 * Container images by the rules of the Open Container Initiative: what they are called, what they consist of, and what can go wrong with one. Knows
 * no registry, no file and no guest.
 */
@NullMarked
package io.javisor.oci;

import org.jspecify.annotations.NullMarked;
