/** Tests of containers in this process, and of what they are made of. */
@NullMarked
package io.javisor.container.runtime;

import org.jspecify.annotations.NullMarked;
