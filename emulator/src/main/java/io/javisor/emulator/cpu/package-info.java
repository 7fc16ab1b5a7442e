/**
 * A processor of the software engine, put together: steps, memory management, system architecture and local APIC, with what joins them.
 */
@NullMarked
package io.javisor.emulator.cpu;

import org.jspecify.annotations.NullMarked;
