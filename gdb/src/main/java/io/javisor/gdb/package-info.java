/** A stub of GDB's remote serial protocol for a machine: its vCPUs are GDB's threads. */
@NullMarked
package io.javisor.gdb;

import org.jspecify.annotations.NullMarked;
