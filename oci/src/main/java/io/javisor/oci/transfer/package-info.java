/** Images on their way: from a source into the store, with everything checked, and from the store to a target. */
@NullMarked
package io.javisor.oci.transfer;

import org.jspecify.annotations.NullMarked;
