/**
 * The local APICs of a virtual machine's processors and the fabric that carries messages between them. A processor's own thread works its
 * APIC's registers; every other thread only sends to it.
 */
@NullMarked
package io.javisor.emulator.apic;

import org.jspecify.annotations.NullMarked;
