/** Ports by which a guest ends, resets or reports itself. */
@NullMarked
package io.javisor.devices.power;

import org.jspecify.annotations.NullMarked;
