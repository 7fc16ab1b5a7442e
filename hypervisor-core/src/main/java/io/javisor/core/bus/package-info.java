/** Address buses: which device answers an access to a port or to device memory. */
@NullMarked
package io.javisor.core.bus;

import org.jspecify.annotations.NullMarked;
