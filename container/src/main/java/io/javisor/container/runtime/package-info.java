/** A container in this process: its disks, its machine, its processes, what they write. */
@NullMarked
package io.javisor.container.runtime;

import org.jspecify.annotations.NullMarked;
