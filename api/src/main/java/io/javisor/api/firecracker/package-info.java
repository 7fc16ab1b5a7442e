/** Firecracker's published API on a machine of ours. */
@NullMarked
package io.javisor.api.firecracker;

import org.jspecify.annotations.NullMarked;
