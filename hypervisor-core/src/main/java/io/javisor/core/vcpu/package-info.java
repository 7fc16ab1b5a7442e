/** Virtual CPU threads and the decoding of their exits. */
@NullMarked
package io.javisor.core.vcpu;

import org.jspecify.annotations.NullMarked;
