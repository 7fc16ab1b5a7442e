/** The composition root: configuration, the guest's address map, host resources, and the machine's lifecycle. */
@NullMarked
package io.javisor.machine;

import org.jspecify.annotations.NullMarked;
