/** Random programs of system code, the same on every engine, on both ways of the software engine and in QEMU. */
@NullMarked
package io.javisor.machine.program;

import org.jspecify.annotations.NullMarked;
