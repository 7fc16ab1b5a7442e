/** Tests of what is kept of containers. */
@NullMarked
package io.javisor.container.store;

import org.jspecify.annotations.NullMarked;
