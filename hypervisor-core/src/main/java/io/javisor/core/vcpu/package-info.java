/** Virtual CPU threads, and how they are stopped. */
@NullMarked
package io.javisor.core.vcpu;

import org.jspecify.annotations.NullMarked;
